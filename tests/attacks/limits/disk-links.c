/* SPDX-License-Identifier: MIT */
/* Tries: to leave a file with so many names that it takes a gigabyte once each is copied, at the
 * last moment, before anybody counts.
 * Must be seen: an error before anything is copied.
 * Known from: link(2); SANDBOX: every name of an output becomes a file of its own. */
#include "../attack.h"
#include "../inside.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

ATTACK(.status = 9, .limits = "disk = 4194304", .says = "disk=BYTES")
{
	static char part[1 << 20];
	char path[64];

	memset(part, 'x', sizeof(part));
	put("/dest/brun/name", part, sizeof(part));
	for (int i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "/dest/brun/name%d", i);
		must_be(link("/dest/brun/name", path) == 0, "a link is made");
	}
}
