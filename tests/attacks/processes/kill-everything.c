/* SPDX-License-Identifier: MIT */
/* Tries: to kill all that its user owns, all of its group, and what would get the runner's signals.
 * Must be seen: nothing but its own children dies; the process outside has no signal pending.
 * Known from: kill(2), pid -1; setsid(2). */
#include "../attack.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

ATTACK()
{
	int status = 0;

	/* Not where it would be the machine's: nothing but a namespace counts so low. */
	must_be(getpid() < 10, "pids count from 1 in here");
	if (getpid() >= 10) {
		return;
	}
	pid_t child = fork();
	if (child == 0) {
		for (;;) {
			pause();
		}
	}
	for (int number = 1; number < 65; number++) {
		if (number != SIGCHLD) {
			signal(number, SIG_IGN);
		}
	}
	kill(0, SIGTERM);
	kill(-1, SIGKILL);
	must_be(waitpid(child, &status, 0) == child, "its own child is dead");
	must_be(!attack_is_ours() || (getsid(0) == getpid() && getpgid(0) == getpid()),
		"it is alone in its session");
	/* signals at the death of the parent, from here on as the runner's own were set */
	must_be(prctl(PR_SET_PDEATHSIG, 0) == 0, "PDEATHSIG can be taken back, to no avail");
}
