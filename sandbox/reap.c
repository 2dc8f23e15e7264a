/* SPDX-License-Identifier: MIT */
#include "reap.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

void
reap(pid_t pid)
{
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR) {
	}
}

void
reap_killed(pid_t pid)
{
	kill(pid, SIGKILL);
	reap(pid);
}
