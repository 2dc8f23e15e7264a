/* SPDX-License-Identifier: MIT */
/* Tries: to take every pseudo terminal that the machine has for others.
 * Must be seen: there are some left.
 * Known from: devpts: all instances share kernel.pty.max; mount option max. */
#include "../attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

ATTACK()
{
	struct rlimit files;
	int count = 0;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	while (count < 1000 && posix_openpt(O_RDWR | O_NOCTTY) >= 0) {
		count++;
	}
	must_be(count >= 16, "a step has terminals");
	must_be(count < 1000, "their number is bounded");
}
