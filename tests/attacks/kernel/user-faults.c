/* SPDX-License-Identifier: MIT */
/* Tries: to handle page faults itself, by which a race in the kernel can be held open at will.
 * Must be seen: EPERM, with and without UFFD_USER_MODE_ONLY.
 * Known from: userfaultfd(2); Documentation/admin-guide/sysctl/vm.rst, unprivileged_userfaultfd. */
#include "../attack.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK()
{
	must_fail_with(EPERM, syscall(SYS_userfaultfd, 0), "userfaultfd");
	must_fail_with(EPERM, syscall(SYS_userfaultfd, 1 | O_CLOEXEC), "for user mode only");
	must_fail(open("/dev/userfaultfd", O_RDWR), "open /dev/userfaultfd");
}
