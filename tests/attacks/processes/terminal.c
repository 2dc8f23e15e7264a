/* SPDX-License-Identifier: MIT */
/* Tries: to get at the runner's terminal: by /dev/tty, by its number, by taking it over.
 * Must be seen: no terminal; nothing typed, its settings as they were.
 * Known from: CVE-2016-2779 (runuser), tty_ioctl(2). */
#include "../attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

ATTACK()
{
	char path[32];

	must_fail(open("/dev/tty", O_RDWR), "open the controlling terminal");
	must_fail(open("/dev/console", O_RDWR), "open the console");
	if (attack_is_ours()) {
		must_be(!isatty(0) && !isatty(1) && !isatty(2), "stdio is no terminal");
		must_be(getsid(0) == getpid(), "the session is its own");
		must_fail(tcgetsid(0), "see a session's terminal");
	}
	for (int fd = 0; fd < 3; fd++) {
		must_fail(ioctl(fd, TIOCSCTTY, 1), "take descriptor %d for its terminal", fd);
	}
	for (int i = 0; i < 64; i++) {
		snprintf(path, sizeof(path), "/dev/pts/%d", i);
		must_fail(access(path, F_OK), "see %s", path);
	}
}
