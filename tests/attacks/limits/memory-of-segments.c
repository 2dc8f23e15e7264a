/* SPDX-License-Identifier: MIT */
/* Tries: to take more memory than it is allowed by segments of shared memory that nobody is
 * attached to.
 * Must be seen: the step is stopped.
 * Known from: shmop(2), sysvipc(7): a segment lives on without a process. */
#include "../attack.h"

#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

ATTACK(.status = 9, .limits = "memory = 134217728", .says = "more memory than")
{
	enum { PART = 20 << 20 };

	for (int i = 0; i < 20; i++) {
		int id = shmget(IPC_PRIVATE, PART, IPC_CREAT | 0600);
		char *part = shmat(id, NULL, 0);
		must_be(part != (char *)-1, "a part is given");
		memset(part, i + 1, PART);
		shmdt(part);
	}
	for (;;) {
		pause();
	}
}
