/* SPDX-License-Identifier: MIT */
/* Tries: to print without end.
 * Must be seen: the step is stopped; the log holds what the limit allows.
 * Known from: a full disk is the end of every build on it. */
#include "../attack.h"

#include <string.h>
#include <unistd.h>

ATTACK(.status = 9, .limits = "log = 100000", .says = "printed more than")
{
	char chunk[65536];

	memset(chunk, 'y', sizeof(chunk));
	for (size_t i = 79; i < sizeof(chunk); i += 80) {
		chunk[i] = '\n';
	}
	for (;;) {
		(void)!write(1 + (getpid() & 1), chunk, sizeof(chunk));
	}
}
