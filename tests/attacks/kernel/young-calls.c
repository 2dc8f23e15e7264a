/* SPDX-License-Identifier: MIT */
/* Tries: every number from the first that the filter does not know.
 * Must be seen: ENOSYS for each.
 * Known from: setxattrat (Linux 6.13) and file_setattr (6.17) passed every filter that was written
 * before them. */
#include "../attack.h"

#include <errno.h>
#include <unistd.h>

ATTACK()
{
	for (long number = 451; number < 1024; number++) {
		errno = 0;
		long result = syscall(number, -1, -1, -1, -1, -1, -1);
		if (result != -1 || errno != ENOSYS) {
			must_fail(0, "system call %ld", number);
		}
	}
}
