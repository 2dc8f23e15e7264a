/* SPDX-License-Identifier: MIT */
/* Tries: to slow down every process of its user, which is the runner's user outside.
 * Must be seen: the process outside has the niceness and the disk class that it had.
 * Known from: setpriority(2), PRIO_USER; ioprio_set(2), IOPRIO_WHO_USER. */
#include "../attack.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK()
{
	(void)!setpriority(PRIO_USER, 0, 19);
	(void)!setpriority(PRIO_USER, getuid(), 19);
	(void)!setpriority(PRIO_PGRP, 0, 19);
	(void)!syscall(SYS_ioprio_set, 3, getuid(), 3 << 13);
	(void)!syscall(SYS_ioprio_set, 2, 0, 3 << 13);
	must_be(getpriority(PRIO_PROCESS, 0) == 19, "its own niceness has changed");
}
