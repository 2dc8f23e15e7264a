/* SPDX-License-Identifier: MIT */
/* Tries: to fill the disk deep down, beside the output, with room taken and not written.
 * Must be seen: the step is stopped.
 * Known from: fallocate(2), FALLOC_FL_KEEP_SIZE: blocks that no size shows. */
#include "../attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

ATTACK(.status = 9, .limits = "disk = 4194304", .says = "more to disk than")
{
	must_be(chdir("/dest/brun") == 0, "it can go there");
	for (int i = 0; i < 300; i++) {
		must_be(mkdir("d", 0755) == 0 && chdir("d") == 0, "it can dig");
	}
	int fd = open("file", O_WRONLY | O_CREAT, 0);
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 32 << 20) < 0) {
		cannot_tell("the file system takes no room in advance");
	}
	for (;;) {
		pause();
	}
}
