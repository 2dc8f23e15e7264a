/* SPDX-License-Identifier: MIT */
/* Tries: to see, signal, trace, slow down and limit a process outside, by its number there.
 * Must be seen: ESRCH each time; the process has no signal pending and is as it was.
 * Known from: pid_namespaces(7). */
#include "../attack.h"
#include "../inside.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

ATTACK()
{
	pid_t outside = (pid_t)atoi(told("pid"));
	char path[64], byte;
	struct rlimit limit = {4, 4};
	struct iovec local = {&byte, 1}, remote = {(void *)0x10000, 1};
	cpu_set_t cpus;

	must_be(outside > 10 && getpid() == 2, "pids count from 1 in here");
	must_fail_with(ESRCH, kill(outside, SIGUSR1), "kill");
	must_fail_with(ESRCH, kill(-outside, SIGUSR1), "kill its group");
	must_fail_with(ESRCH, syscall(SYS_tgkill, outside, outside, SIGUSR1), "tgkill");
	must_fail_with(ESRCH, sigqueue(outside, SIGUSR1, (union sigval){0}), "sigqueue");
	must_fail_with(ESRCH, ptrace(PTRACE_SEIZE, outside, NULL, NULL), "ptrace");
	must_fail_with(
		ESRCH, process_vm_readv(outside, &local, 1, &remote, 1, 0), "read its memory");
	must_fail_with(ESRCH, syscall(SYS_pidfd_open, outside, 0), "pidfd_open");
	must_fail_with(ESRCH, prlimit(outside, RLIMIT_NOFILE, &limit, NULL), "prlimit");
	must_fail_with(ESRCH, setpriority(PRIO_PROCESS, outside, 19), "setpriority");
	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	must_fail_with(ESRCH, sched_setaffinity(outside, sizeof(cpus), &cpus), "sched_setaffinity");
	must_fail_with(ESRCH, getsid(outside), "getsid");
	snprintf(path, sizeof(path), "/proc/%d/status", outside);
	must_fail(open(path, O_RDONLY), "see %s", path);
	must_fail_with(ESRCH, kill(-1, 0), "signal all others");
}
