/* SPDX-License-Identifier: MIT */
/* Tries: to fill the disk by a file.
 * Must be seen: the step is stopped.
 * Known from: a full disk is the end of every build on it. */
#include "../attack.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

ATTACK(.status = 9, .limits = "disk = 4194304", .says = "more to disk than")
{
	static char part[1 << 20];
	int fd = open("/build/file", O_WRONLY | O_CREAT, 0644);

	memset(part, 'x', sizeof(part));
	for (int i = 0; i < 32; i++) {
		must_be(write(fd, part, sizeof(part)) > 0, "a part is written");
	}
	for (;;) {
		pause();
	}
}
