/* SPDX-License-Identifier: MIT */
/* Tries: to take the kernel's memory by message queues, semaphores and shared memory.
 * Must be seen: the queues' limit holds; what was made is gone with the step.
 * Known from: mq_overview(7), RLIMIT_MSGQUEUE; sysvipc(7). */
#include "../attack.h"

#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/shm.h>

ATTACK()
{
	int made = 0;
	char name[32];
	struct mq_attr attributes = {.mq_maxmsg = 10, .mq_msgsize = 8192};

	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "/queue%d", i);
		made += mq_open(name, O_RDWR | O_CREAT, 0600, &attributes) != (mqd_t)-1;
	}
	must_be(made < 20, "message queues are bounded");
	must_be(shmget(IPC_PRIVATE, 1 << 20, IPC_CREAT | 0600) != -1, "shared memory works");
}
