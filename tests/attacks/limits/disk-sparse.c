/* SPDX-License-Identifier: MIT */
/* Tries: to leave files that take no room as they are, and a gigabyte once they are copied.
 * Must be seen: an error before anything is copied.
 * Known from: truncate(2): blocks are what a limit counts, and holes are what a copy fills. */
#include "../attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

ATTACK(.status = 9, .limits = "disk = 4194304", .says = "1.0 GB in files, of which there may be")
{
	char path[64];

	for (int i = 0; i < 16; i++) {
		snprintf(path, sizeof(path), "/dest/brun/sparse%d", i);
		int fd = open(path, O_WRONLY | O_CREAT, 0644);
		must_be(ftruncate(fd, (off_t)1 << 26) == 0, "a file is made");
		close(fd);
	}
}
