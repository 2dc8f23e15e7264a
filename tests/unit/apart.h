/* SPDX-License-Identifier: MIT */
/* Tests that change the process they run in: they get one of their own. */
#ifndef BRUN_TEST_APART_H
#define BRUN_TEST_APART_H

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Does body(argument) hold in a child process? What it prints is printed. */
static inline bool
holds_apart(bool (*body)(void *argument), void *argument)
{
	int status = -1;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		bool is_good = body(argument);
		fflush(stdout);
		_exit(is_good ? 0 : 1);
	}
	return waitpid(pid, &status, 0) == pid && status == 0;
}

/* Makes the process root of user and mount namespaces of its own, in which it may mount. */
static inline bool
become_mounter(void)
{
	char uid_map[64], gid_map[64];

	snprintf(uid_map, sizeof(uid_map), "0 %u 1", geteuid());
	snprintf(gid_map, sizeof(gid_map), "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) {
		return false;
	}
	cleanup_fd int uids = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
	cleanup_fd int groups = open("/proc/self/setgroups", O_WRONLY | O_CLOEXEC);
	cleanup_fd int gids = open("/proc/self/gid_map", O_WRONLY | O_CLOEXEC);
	return write(uids, uid_map, strlen(uid_map)) > 0 && write(groups, "deny", 4) > 0 &&
	       write(gids, gid_map, strlen(gid_map)) > 0;
}

/* From now on system call `number` answers errno `answer`; stays so for all children. */
static inline bool
refuse_call(unsigned number, unsigned answer)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = 4, .filter = code};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

#endif
