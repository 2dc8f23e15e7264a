/* SPDX-License-Identifier: MIT */
/* Tries: to leave a file of a terabyte that takes no room, so that reading it takes for ever.
 * Must be seen: an error at once.
 * Known from: truncate(2). */
#include "../attack.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

ATTACK(.status = 1, .says = "is larger than")
{
	int fd = open("/dest/brun/sparse", O_WRONLY | O_CREAT, 0644);

	if (ftruncate(fd, (off_t)1 << 40) < 0 && ftruncate(fd, (off_t)80 << 30) < 0) {
		cannot_tell("the file system has no such large files");
	}
}
