/* SPDX-License-Identifier: MIT */
/* Tries: to run for ever: ignoring every signal, printing all the time, with its timers and
 * processor time set aside.
 * Must be seen: the step is stopped after its time.
 * Known from: signal(7). */
#include "../attack.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

ATTACK(.status = 9, .limits = "time = 1", .says = "ran for longer than")
{
	for (int number = 1; number < 65; number++) {
		signal(number, SIG_IGN);
	}
	prctl(PR_SET_PDEATHSIG, 0);
	prctl(PR_SET_TIMERSLACK, 1000000000);
	for (;;) {
		puts("alive");
		usleep(10000);
	}
}
