/* SPDX-License-Identifier: MIT */
/* Tries: to set the machine's clocks.
 * Must be seen: EPERM; the clock goes on as before.
 * Known from: clock_settime(2), adjtimex(2): time belongs to no namespace but for its offsets. */
#include "../attack.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

ATTACK()
{
	struct timespec now;
	struct timeval day;
	struct timex change = {.modes = ADJ_MAXERROR, .maxerror = 1};

	/* The time it is. */
	clock_gettime(CLOCK_REALTIME, &now);
	must_fail_with(EPERM, clock_settime(CLOCK_REALTIME, &now), "clock_settime");
	gettimeofday(&day, NULL);
	must_fail_with(EPERM, settimeofday(&day, NULL), "settimeofday");
	must_fail(adjtimex(&change), "adjtimex");
	must_fail(clock_adjtime(CLOCK_REALTIME, &change), "clock_adjtime");
	must_fail(timer_create(CLOCK_REALTIME_ALARM, NULL, &(timer_t){0}), "wake the machine");
}
