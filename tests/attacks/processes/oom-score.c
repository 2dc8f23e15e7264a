/* SPDX-License-Identifier: MIT */
/* Tries: to have the kernel kill others first, or to keep itself from being killed.
 * Must be seen: an error each time.
 * Known from: proc(5), oom_score_adj; a step of root's brun passes its mode. */
#include "../attack.h"

#include <fcntl.h>
#include <unistd.h>

ATTACK()
{
	int own = open("/proc/self/oom_score_adj", O_WRONLY);
	must_fail(write(own, "-500", 4), "keep itself");
	if (!attack_is_ours()) {
		return;
	}
	must_fail(own, "its own");
	must_fail(open("/proc/self/oom_adj", O_WRONLY), "its own, the old way");
	must_fail(open("/proc/1/oom_score_adj", O_WRONLY), "pid 1's");
	must_fail(open("/proc/self/timerslack_ns", O_WRONLY), "timers");
	must_fail(open("/proc/self/autogroup", O_WRONLY), "its group of the scheduler");
	must_fail(open("/proc/self/uid_map", O_WRONLY), "its map of users");
	must_fail(open("/proc/self/setgroups", O_WRONLY), "setgroups");
	must_fail(open("/proc/self/loginuid", O_WRONLY), "its login");
}
