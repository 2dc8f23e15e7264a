/* SPDX-License-Identifier: MIT */
/* Tries: to leave processes that are stopped, traced, or wait in the kernel for a child, when the
 * step ends.
 * Must be seen: none is left.
 * Known from: ptrace(2), vfork(2): such processes take no ordinary signal. */
#include "../attack.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

ATTACK()
{
	pid_t stopped = fork();
	if (stopped == 0) {
		raise(SIGSTOP);
		_exit(0);
	}
	pid_t traced = fork();
	if (traced == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(0);
	}
	must_be(waitpid(stopped, NULL, WUNTRACED) == stopped, "one is stopped");
	must_be(waitpid(traced, NULL, 0) == traced, "one is traced");
	pid_t waiting = fork();
	if (waiting == 0) {
		if (vfork() == 0) {
			for (;;) {
				pause();
			}
		}
		_exit(0);
	}
}
