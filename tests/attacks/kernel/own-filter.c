/* SPDX-License-Identifier: MIT */
/* Tries: to put a filter of its own over the sandbox's, which answers "go on" to refused calls
 * through a listener.
 * Must be seen: EPERM, as before.
 * Known from: seccomp(2): of all filters the strictest answer wins;
 * SECCOMP_USER_NOTIF_FLAG_CONTINUE is not it. */
#include "../attack.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct sock_filter allow_all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
static struct sock_filter ask_about_mount[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mount, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

ATTACK()
{
	struct sock_fprog program = {1, allow_all};

	(void)!syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	must_fail_with(EPERM, unshare(CLONE_NEWUSER), "a user namespace");
	program = (struct sock_fprog){4, ask_about_mount};
	(void)!syscall(
		SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	must_fail_with(EPERM, mount("tmpfs", "/build", "tmpfs", 0, NULL), "mount");
}
