/* SPDX-License-Identifier: MIT */
/* Tries: to give an input a second name in a directory of its own, to change it there when the step
 * is over.
 * Must be seen: an error each time; the inputs' link counts as they were.
 * Known from: link(2), EXDEV between mounts; a link would outlive the read-only mount. */
#include "../attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

ATTACK()
{
	int fd = open("/brun/file", O_RDONLY);
	char own[64];

	snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
	must_fail(link("/brun/file", "/build/link"), "link to /build");
	must_fail(link("/brun/program", "/dest/brun/link"), "link to the output");
	must_fail(linkat(fd, "", AT_FDCWD, "/build/link", AT_EMPTY_PATH), "link by descriptor");
	must_fail(linkat(AT_FDCWD, own, AT_FDCWD, "/build/link", AT_SYMLINK_FOLLOW), "by /proc");
	must_fail(link("/bin/sh", "/build/link"), "link a program of the base");
	must_fail(rename("/brun/file", "/build/file"), "move it there");
}
