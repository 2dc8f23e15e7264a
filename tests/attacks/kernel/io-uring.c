/* SPDX-License-Identifier: MIT */
/* Tries: to set up rings, which do what a filter of system calls never sees.
 * Must be seen: ENOSYS.
 * Known from: CVE-2021-41073, CVE-2022-29582, CVE-2023-2598. */
#include "../attack.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK()
{
	unsigned char parameters[256] = {0};

	must_fail_with(ENOSYS, syscall(SYS_io_uring_setup, 8, parameters), "io_uring_setup");
	must_fail_with(ENOSYS, syscall(SYS_io_uring_enter, 3, 1, 0, 0, NULL, 0), "io_uring_enter");
	must_fail_with(ENOSYS, syscall(SYS_io_uring_register, 3, 0, NULL, 0), "io_uring_register");
}
