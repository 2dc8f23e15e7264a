/* SPDX-License-Identifier: MIT */
/* Tries: to print one line without end, of NUL bytes, so that a reader by lines waits and keeps all
 * of it.
 * Must be seen: the step is stopped by the limit on its log.
 * Known from: getline(3) grows its buffer for as long as no line ends. */
#include "../attack.h"

#include <unistd.h>

ATTACK(.status = 9, .limits = "log = 4000000", .says = "printed more than")
{
	static const char chunk[65536];

	for (;;) {
		(void)!write(1, chunk, sizeof(chunk));
	}
}
