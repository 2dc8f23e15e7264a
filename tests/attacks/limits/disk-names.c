/* SPDX-License-Identifier: MIT */
/* Tries: to take all of the disk's inodes, by files without contents.
 * Must be seen: the step is stopped.
 * Known from: ext4(5): a file system has as many as it was made with; then nobody can make a file,
 * however much room there is. */
#include "../attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

ATTACK(.status = 9, .limits = "disk = 4194304", .says = "more to disk than")
{
	char path[64];

	for (int i = 0; i < 4000; i++) {
		snprintf(path, sizeof(path), "/build/%d", i);
		must_be(mknod(path, S_IFREG | 0644, 0) == 0, "a file is made");
	}
	for (;;) {
		pause();
	}
}
