/* SPDX-License-Identifier: MIT */
/* Tries: the same by shared anonymous mappings, of processes that came from one another.
 * Must be seen: the step is stopped.
 * Known from: mmap(2), MAP_SHARED with MAP_ANONYMOUS. */
#include "../attack.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

ATTACK(.status = 9, .limits = "memory = 134217728", .says = "more memory than")
{
	enum { PART = 40 << 20 };

	for (int i = 0; i < 10; i++) {
		if (fork() == 0) {
			char *part = mmap(NULL, PART, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
			memset(part, i + 1, PART);
			for (;;) {
				pause();
			}
		}
	}
	for (;;) {
		pause();
	}
}
