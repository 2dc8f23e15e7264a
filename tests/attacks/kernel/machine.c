/* SPDX-License-Identifier: MIT */
/* Tries: to restart the machine, to swap, to count processes and quotas, to read and clear the
 * kernel's log.
 * Must be seen: EPERM.
 * Known from: reboot(2), swapon(2), acct(2), quotactl(2), syslog(2): some of these ask for the
 * kernel's root uid only. */
#include "../attack.h"

#include <errno.h>
#include <stddef.h>
#include <sys/klog.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK()
{
	/* Values that would do no harm if they went through. */
	must_fail_with(EPERM, syscall(SYS_reboot, 0, 0, 0, NULL), "reboot");
	must_fail_with(EPERM, swapon("/build/none", 0), "swapon");
	must_fail_with(EPERM, swapoff("/build/none"), "swapoff");
	must_fail_with(EPERM, syscall(SYS_acct, "/build/none"), "acct");
	must_fail_with(EPERM, syscall(SYS_quotactl, -1, NULL, 0, NULL), "quotactl");
	must_fail_with(EPERM, syscall(SYS_quotactl_fd, -1, 0, 0, NULL), "quotactl_fd");
	must_fail_with(EPERM, klogctl(10, NULL, 0), "the size of the kernel's log");
	must_fail_with(EPERM, syscall(SYS_vhangup), "vhangup");
	must_fail(sethostname("x", 1), "sethostname");
	must_fail(setdomainname("x", 1), "setdomainname");
}
