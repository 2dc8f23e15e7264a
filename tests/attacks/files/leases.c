/* SPDX-License-Identifier: MIT */
/* Tries: to hold a lease on an input, so that everybody else who opens it must wait until the step
 * answers.
 * Must be seen: no lease.
 * Known from: fcntl(2), F_SETLEASE: granted to the file's owner, which the step is; others block
 * for up to 45 seconds. */
#include "../attack.h"

#include <fcntl.h>
#include <signal.h>

ATTACK()
{
	int file = open("/brun/file", O_RDONLY);

	must_be(file >= 0, "/brun/file can be read");
	signal(SIGIO, SIG_IGN);
	must_fail(fcntl(file, F_SETLEASE, F_WRLCK), "a lease against readers");
	must_fail(fcntl(file, F_SETLEASE, F_RDLCK), "a lease against writers");
}
