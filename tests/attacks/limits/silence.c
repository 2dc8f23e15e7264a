/* SPDX-License-Identifier: MIT */
/* Tries: to look alive without printing: by empty writes, by reading back what it printed, by
 * touching its files.
 * Must be seen: the step is stopped for its silence.
 * Known from: pipe(7): /proc/self/fd/1 opens the other end of a pipe, too. */
#include "../attack.h"
#include "../inside.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

ATTACK(.status = 9, .limits = "silence = 1", .says = "printed nothing for")
{
	for (;;) {
		(void)!write(1, "", 0);
		(void)!writev(2, NULL, 0);
		futimens(1, NULL);
		put("/build/alive", "x", 1);
		usleep(1000);
	}
}
