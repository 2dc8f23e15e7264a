/* SPDX-License-Identifier: MIT */
/* Tries: every number from the first that the filter does not know.
 * Must be seen: ENOSYS for each.
 * Known from: setxattrat (Linux 6.13) and file_setattr (6.17) passed every filter that was written
 * before them; since 6.11 calls get numbers in the gap of x86_64, too. */
#include "../attack.h"

#include <errno.h>
#include <unistd.h>

static void
try(long first, long last)
{
	for (long number = first; number <= last; number++) {
		errno = 0;
		long result = syscall(number, -1, -1, -1, -1, -1, -1);
		if (result != -1 || errno != ENOSYS) {
			must_fail(0, "system call %ld", number);
		}
	}
}

ATTACK()
{
	try(451, 1023);
#ifdef __x86_64__
	/* Not 335 and 336, uretprobe and uprobe: no filter is asked about them (kernel/seccomp.c,
	 * seccomp_uprobe_exception), and they end whoever calls them by hand. */
	try(337, 423);
#endif
}
