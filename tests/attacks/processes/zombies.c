/* SPDX-License-Identifier: MIT */
/* Tries: to burden pid 1 with thousands of orphans, dead and dying.
 * Must be seen: the step ends as ever.
 * Known from: wait(2), NOTES: orphans are pid 1's to reap. */
#include "../attack.h"

#include <sys/wait.h>
#include <unistd.h>

ATTACK()
{
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			for (int j = 0; j < 100; j++) {
				if (fork() == 0) {
					_exit(j);
				}
			}
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}
