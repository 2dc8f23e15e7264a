/* SPDX-License-Identifier: MIT */
/* Tries: to install files beside the prefix, as if they were the host's, by plain paths and by
 * '..'.
 * Must be seen: an error that names them.
 * Known from: DESTDIR's rule: what lies under it and not under the prefix would belong to the
 * host's root. */
#include "../attack.h"
#include "../inside.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

ATTACK(.status = 1, .says = "/dest/etc/passwd")
{
	make_dir("/dest/etc");
	put("/dest/etc/passwd", "root::0:0:::\n", 13);
	make_dir("/dest/brun.d");
	must_be(symlink("/etc", "/dest/brun/../link") == 0, "a link is made");
	must_fail(mkdir("/dest/../x", 0755), "leave /dest by '..'");
}
