/* SPDX-License-Identifier: MIT */
/* Tries: to take the processors for itself: real-time, deadline and idle-beating priorities, the
 * disk's real-time class.
 * Must be seen: an error each time.
 * Known from: sched(7), ioprio_set(2), setpriority(2). */
#include "../attack.h"

#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

ATTACK()
{
	struct attributes deadline = {.size = sizeof(deadline),
		.policy = 6,
		.runtime = 10000000,
		.deadline = 20000000,
		.period = 20000000};

	must_fail(sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){1}), "SCHED_FIFO");
	must_fail(sched_setscheduler(0, SCHED_RR, &(struct sched_param){1}), "SCHED_RR");
	must_fail(syscall(SYS_sched_setattr, 0, &deadline, 0), "SCHED_DEADLINE");
	must_fail(setpriority(PRIO_PROCESS, 0, -5), "niceness -5");
	must_fail(syscall(SYS_ioprio_set, 1, 0, 1 << 13), "the real-time class of the disk");
	must_fail(!attack_is_ours() ? -1
				    : syscall(SYS_migrate_pages, 1, 8, (unsigned long[]){1},
					      (unsigned long[]){1}),
		"move pid 1's pages");
}
