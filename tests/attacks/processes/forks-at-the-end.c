/* SPDX-License-Identifier: MIT */
/* Tries: to be still forking when the step ends, so that some child is missed.
 * Must be seen: none is left.
 * Known from: kill(2): a signal to all of a group races with fork(2); the kernel's end of a pid
 * namespace does not. */
#include "../attack.h"

#include <signal.h>
#include <unistd.h>

_Noreturn static void
go_on(void)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		if (fork() != 0) {
			_exit(0);
		}
	}
}

ATTACK()
{
	for (int i = 0; i < 8; i++) {
		if (fork() == 0) {
			go_on();
		}
	}
}
