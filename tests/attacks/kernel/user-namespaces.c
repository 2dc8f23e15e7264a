/* SPDX-License-Identifier: MIT */
/* Tries: to make a user namespace, in which it would have every capability, by unshare and by
 * clone, alone and with others.
 * Must be seen: EPERM, and ENOSYS for clone3, whose flags a filter can't see.
 * Known from: user_namespaces(7); CVE-2022-0185 and most kernel exploits since begin there;
 * CVE-2013-1858 (CLONE_NEWUSER with CLONE_FS). */
#include "../attack.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK()
{
	struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
	static const unsigned long kinds[] = {CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC,
		CLONE_NEWUTS, CLONE_NEWCGROUP};

	must_fail_with(EPERM, unshare(CLONE_NEWUSER), "unshare(CLONE_NEWUSER)");
	must_fail_with(EPERM, syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL),
		"clone(CLONE_NEWUSER)");
	must_fail_with(EPERM,
		syscall(SYS_clone, CLONE_NEWUSER | CLONE_FS | SIGCHLD, NULL, NULL, NULL, NULL),
		"clone(CLONE_NEWUSER | CLONE_FS)");
	must_fail_with(EPERM, syscall(SYS_unshare, (1UL << 32) | CLONE_NEWUSER),
		"unshare with a high bit");
	must_fail_with(ENOSYS, syscall(SYS_clone3, &args, sizeof(args)), "clone3");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		must_fail_with(
			EPERM, unshare((int)(kinds[i] | CLONE_NEWUSER)), "with a user namespace");
		must_fail(unshare((int)kinds[i]), "unshare(%lx)", kinds[i]);
		must_fail(syscall(SYS_clone, kinds[i] | SIGCHLD, NULL, NULL, NULL, NULL),
			"clone(%lx)", kinds[i]);
	}
}
