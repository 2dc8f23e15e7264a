/* SPDX-License-Identifier: MIT */
/* Tries: to type into a terminal of its own making, for the filter must refuse before the driver is
 * asked; and into its stdin.
 * Must be seen: EPERM, high bits or not; nothing typed into the runner's terminal.
 * Known from: CVE-2017-5226 (TIOCSTI), CVE-2019-10063 (a 64-bit comparison of a 32-bit argument),
 * CVE-2023-28100 (TIOCLINUX). */
#include "../attack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK()
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	for (int fd = 0; fd < 3; fd++) {
		must_fail(ioctl(fd, TIOCSTI, "x"), "type into descriptor %d", fd);
	}
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) {
		cannot_tell("no pseudo terminal can be made");
	}
	int slave = open(ptsname(master), O_RDWR);
	must_be(slave >= 0, "the terminal opens");
	must_fail_with(EPERM, ioctl(slave, TIOCSTI, "x"), "TIOCSTI");
	must_fail_with(EPERM, syscall(SYS_ioctl, slave, (1UL << 32) | TIOCSTI, "x"),
		"TIOCSTI with a high bit");
	must_fail_with(EPERM, syscall(SYS_ioctl, slave, (1UL << 63) | TIOCLINUX, "\2"),
		"TIOCLINUX with a high bit");
}
