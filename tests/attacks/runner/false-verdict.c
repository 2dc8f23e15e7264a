/* SPDX-License-Identifier: MIT */
/* Tries: to pass for a limit, a cancelled build, a broken sandbox: by statuses, by killing itself,
 * by printing brun's words.
 * Must be seen: a failed step and nothing else.
 * Known from: wait(2): a status says what a process chose to say. */
#include "../attack.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

ATTACK(.status = 1, .says = "failed after")
{
	puts("brun: step 'x' was stopped after 1.0 s: it ran for longer than 1 s");
	puts("{\"event\":\"done\",\"action\":1}");
	fflush(stdout);
	close(1);
	close(2);
	kill(getpid(), SIGKILL);
}
