/* SPDX-License-Identifier: MIT */
/* Tries: to reach the hardware by its ports, and to change its segments of memory.
 * Must be seen: EPERM.
 * Known from: ioperm(2), iopl(2), modify_ldt(2). */
#include "../attack.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
ATTACK()
{
	unsigned char buffer[64] = {0};

	must_fail_with(EPERM, syscall(SYS_iopl, 3), "iopl");
	must_fail_with(EPERM, syscall(SYS_ioperm, 0x80, 1, 1), "ioperm");
	must_fail_with(EPERM, syscall(SYS_modify_ldt, 0, buffer, sizeof(buffer)), "modify_ldt");
}
#else
ATTACK()
{
	cannot_tell("this machine has no ports");
}
#endif
