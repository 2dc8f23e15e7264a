/* SPDX-License-Identifier: MIT */
/* Tries: system calls by their x32 numbers.
 * Must be seen: ENOSYS.
 * Known from: CVE-2014-0038 (recvmmsg of x32); a filter for one table leaves the others open. */
#include "../attack.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
ATTACK()
{
	const long x32 = 0x40000000;

	must_fail_with(ENOSYS, syscall(x32 | SYS_getpid), "getpid");
	must_fail_with(ENOSYS, syscall(x32 | SYS_mount, 0, 0, 0, 0, 0), "mount");
	must_fail_with(ENOSYS, syscall(x32 | SYS_unshare, 0x10000000), "unshare");
	must_fail_with(ENOSYS, syscall(x32 | 537, -1, 0, 0, 0, 0), "recvmmsg");
	must_fail_with(ENOSYS, syscall(x32 | 514, 0, 0, 0), "ioctl");
}
#else
ATTACK()
{
	cannot_tell("this machine has no x32 calls");
}
#endif
