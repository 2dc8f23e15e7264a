/* SPDX-License-Identifier: MIT */
/* Tries: to fork until nobody on the machine can any more, with children that fork, too.
 * Must be seen: the step is stopped, and none of them is left.
 * Known from: getrlimit(2), RLIMIT_NPROC: it does not hold for the kernel's root uid, which a step
 * of root's brun has. */
#include "../attack.h"

#include <unistd.h>

ATTACK(.status = 9, .limits = "processes = 150", .says = "processes")
{
	/* Bounded, for where nothing stops it. */
	for (int i = 0; i < 400; i++) {
		if (fork() == 0) {
			break;
		}
	}
	for (;;) {
		pause();
	}
}
