/* SPDX-License-Identifier: MIT */
/* Tries: to take more memory than it is allowed, by many processes that are each within the limit;
 * they hide behind daemons.
 * Must be seen: the step is stopped.
 * Known from: RLIMIT_AS counts one process; setsid(2) and an orphan's new parent. */
#include "../attack.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

ATTACK(.status = 9, .limits = "memory = 134217728", .says = "more memory than")
{
	enum { PART = 50 << 20 };

	for (int i = 0; i < 5; i++) {
		if (fork() == 0) {
			setsid();
			if (fork() != 0) {
				_exit(0);
			}
			char *part = mmap(NULL, PART, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
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
