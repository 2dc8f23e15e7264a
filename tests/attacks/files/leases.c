/* SPDX-License-Identifier: MIT */
/* Tries: to hold a lease on an input, so that everybody else who opens it must wait until the step
 * answers.
 * Must be seen: no lease.
 * Known from: fcntl(2), F_SETLEASE: granted to the file's owner, which the step is; others block
 * for up to 45 seconds. Linux 6.19 has another way to one, F_SETDELEG, for directories, too. */
#include "../attack.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK()
{
	/* struct delegation, linux/fcntl.h. */
	struct {
		unsigned flags;
		unsigned short type, pad;
	} delegation = {0, F_RDLCK, 0};
	const int set_delegation = 1024 + 16;
	int file = open("/brun/file", O_RDONLY), dir = open("/brun", O_RDONLY | O_DIRECTORY);

	must_be(file >= 0, "/brun/file can be read");
	signal(SIGIO, SIG_IGN);
	must_fail(fcntl(file, F_SETLEASE, F_WRLCK), "a lease against readers");
	must_fail(fcntl(file, F_SETLEASE, F_RDLCK), "a lease against writers");
	must_fail_with(EINVAL, fcntl(file, set_delegation, &delegation), "F_SETDELEG of a file");
	must_fail_with(
		EINVAL, fcntl(dir, set_delegation, &delegation), "F_SETDELEG of a directory");
	must_fail_with(EINVAL, syscall(SYS_fcntl, dir, 1L << 32 | set_delegation, &delegation),
		"F_SETDELEG with high bits");
	for (int command = 1024 + 15; attack_is_ours() && command < 1024 + 100; command++) {
		must_fail_with(EINVAL, fcntl(file, command, 0), "a command to come");
	}
}
