/* SPDX-License-Identifier: MIT */
/* Tries: to fill the disk by a file that has no name any more.
 * Must be seen: the step is stopped.
 * Known from: unlink(2): the room is given back when the last descriptor is closed. */
#include "../attack.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

ATTACK(.status = 9, .limits = "disk = 4194304", .says = "more to disk than")
{
	static char part[1 << 20];
	int fd = open("/build", O_TMPFILE | O_WRONLY, 0644);

	if (fd < 0) {
		fd = open("/build/file", O_WRONLY | O_CREAT, 0644);
		unlink("/build/file");
	}
	memset(part, 'x', sizeof(part));
	for (int i = 0; i < 32; i++) {
		must_be(write(fd, part, sizeof(part)) > 0, "a part is written");
	}
	fsync(fd);
	for (;;) {
		pause();
	}
}
