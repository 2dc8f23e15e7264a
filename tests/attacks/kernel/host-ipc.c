/* SPDX-License-Identifier: MIT */
/* Tries: to reach the host's shared memory and message queues by their numbers.
 * Must be seen: none of them; they are what they were.
 * Known from: ipc_namespaces(7). */
#include "../attack.h"
#include "../inside.h"

#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/shm.h>

ATTACK()
{
	char name[64], line[256];

	for (int id = 0; id < 2; id++) {
		int number = atoi(id ? told("shm") : told("queue"));
		must_fail(shmctl(number, IPC_RMID, NULL), "remove shared memory");
		must_fail(shmat(number, NULL, 0) == (void *)-1 ? -1 : 0, "attach shared memory");
		must_fail(msgctl(number, IPC_RMID, NULL), "remove a queue");
	}
	snprintf(name, sizeof(name), "/%s", told("abstract"));
	must_be(mq_open(name, O_RDWR) == (mqd_t)-1, "the queue can't be opened");
	snprintf(name, sizeof(name), "/dev/shm/%s", told("abstract"));
	must_be(show(name) < 0, "the file can't be read");
	FILE *list = fopen("/proc/sysvipc/shm", "re");
	must_be(list && fgets(line, sizeof(line), list) && !fgets(line, sizeof(line), list),
		"no shared memory is listed");
}
