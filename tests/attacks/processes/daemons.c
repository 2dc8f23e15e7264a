/* SPDX-License-Identifier: MIT */
/* Tries: to outlive the step by processes that fork twice, lead sessions, ignore every signal, take
 * back PDEATHSIG, and hold stdout.
 * Must be seen: brun does not wait for them, and none is left.
 * Known from: daemon(7); pid_namespaces(7): the end of pid 1 is the end of all. */
#include "../attack.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

_Noreturn static void
live_on(void)
{
	prctl(PR_SET_PDEATHSIG, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int number = 1; number < 65; number++) {
		signal(number, SIG_IGN);
	}
	for (;;) {
		pause();
	}
}

ATTACK()
{
	for (int i = 0; i < 50; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			setsid();
			if (fork() == 0) {
				live_on();
			}
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}
