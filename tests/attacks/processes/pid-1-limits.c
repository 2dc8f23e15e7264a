/* SPDX-License-Identifier: MIT */
/* Tries: to set the limits of pid 1, so that the kernel kills it for its processor time, and it
 * can't tell how the step ended; and its priority.
 * Must be seen: an error each time.
 * Known from: prlimit(2): equal ids are enough; setrlimit(2), RLIMIT_CPU: SIGKILL at the hard
 * limit, for pid 1, too. */
#include "../attack.h"

#include <sched.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

ATTACK()
{
	struct rlimit now, none = {0, 0};

	must_fail(prlimit(1, RLIMIT_CPU, &none, NULL), "pid 1's processor time");
	must_fail(prlimit(1, RLIMIT_NOFILE, &none, NULL), "pid 1's descriptors");
	must_fail(prlimit(1, RLIMIT_FSIZE, &none, NULL), "pid 1's file size");
	must_fail(prlimit(1, RLIMIT_STACK, NULL, &now), "reading them");
	must_be(prlimit(0, RLIMIT_STACK, NULL, &now) == 0, "its own can be read");
	must_be(prlimit(getpid(), RLIMIT_STACK, NULL, &now) == 0, "by its number, too");
}
