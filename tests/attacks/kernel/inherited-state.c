/* SPDX-License-Identifier: MIT */
/* Tries: nothing; the runner was started with address randomisation off, umask 0, signals ignored
 * and blocked, core dumps on.
 * Must be seen: none of that in the step.
 * Known from: execve(2): all of it is passed on; bubblewrap does. */
#include "../attack.h"

#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

ATTACK()
{
	struct rlimit limit;
	struct sigaction action;
	sigset_t blocked;

	must_be(personality(0xffffffff) == 0, "the personality is plain Linux");
	must_be(umask(022) == 022, "the umask is 022");
	must_be(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur <= 1,
		"there are no core dumps");
	must_be(sigaction(SIGUSR1, NULL, &action) == 0 && action.sa_handler == SIG_DFL,
		"SIGUSR1 is not ignored");
	must_be(sigprocmask(SIG_SETMASK, NULL, &blocked) == 0 && !sigismember(&blocked, SIGUSR2),
		"SIGUSR2 is not blocked");
	must_be(prctl(PR_GET_DUMPABLE) == 1, "it is an ordinary process");
}
