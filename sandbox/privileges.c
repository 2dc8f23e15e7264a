/* SPDX-License-Identifier: MIT */
#include "privileges.h"

#include "sandbox.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

bool
privileges_are_groups_given_up(void)
{
	int number = errno;
	char text[8] = "";
	cleanup_fd int fd = open("/proc/self/setgroups", O_RDONLY | O_CLOEXEC);
	bool is_denied =
		fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 && strncmp(text, "deny", 4) == 0;

	errno = number;
	return is_denied;
}

int
privileges_become_user(void)
{
	const unsigned id = PRIVILEGES_ID;

	/* Raw calls: the C library's would signal the other threads of the process that we are a
	 * copy of. EPERM comes before a number of groups that there can't be (kernel/groups.c). */
	if (syscall(SYS_setgroups, -1, NULL) < 0 && errno != EINVAL &&
		!privileges_are_groups_given_up()) {
		return -1;
	}
	return syscall(SYS_setresgid, id, id, id) < 0 ? -1
						      : (int)syscall(SYS_setresuid, id, id, id);
}

int
privileges_leave_groups(void)
{
	/* EPERM: given up, as was seen before; it is too late to look for that, for /proc may be
	 * gone. */
	return syscall(SYS_setgroups, 0, NULL) < 0 && errno != EPERM ? -1 : 0;
}

int
privileges_reset_signals(void)
{
	/* As the kernel lays it out (rt_sigaction(2)); the C library refuses its own two
	 * signals. */
	struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} action = {0};
	uint64_t none = 0;

	for (int number = 1; number <= 64; number++) {
		bool is_fixed = number == SIGKILL || number == SIGSTOP;
		if (!is_fixed &&
			syscall(SYS_rt_sigaction, number, &action, NULL, sizeof(action.mask)) < 0) {
			return -1;
		}
	}
	return (int)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
}

static int
set_limit(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit now;

	/* What the caller's hard limit does not leave room for can't be had. */
	if (getrlimit(resource, &now) < 0) {
		return -1;
	}
	hard = hard > now.rlim_max ? now.rlim_max : hard;
	struct rlimit wanted = {.rlim_cur = soft > hard ? hard : soft, .rlim_max = hard};
	return setrlimit(resource, &wanted);
}

int
privileges_set_limits(const struct sandbox_limits *limits)
{
	const rlim_t processes = limits->processes;
	const struct {
		int resource;
		rlim_t soft, hard;
	} all[] = {
		/* Not 0, which a core_pattern that is a pipe does not heed: 1 is the one limit at
		 * which the kernel starts no handler, either (core(5); fs/coredump.c,
		 * coredump_pipe). One that listens at a socket (Linux 6.16) heeds no limit. */
		{RLIMIT_CORE, 1, 1},
		{RLIMIT_CPU, RLIM_INFINITY, RLIM_INFINITY},
		{RLIMIT_DATA, RLIM_INFINITY, RLIM_INFINITY},
		{RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY},
		{RLIMIT_LOCKS, RLIM_INFINITY, RLIM_INFINITY},
		{RLIMIT_MEMLOCK, 65536, 65536},
		{RLIMIT_MSGQUEUE, 819200, 819200},
		{RLIMIT_NICE, 0, 0},
		{RLIMIT_NOFILE, 1024, 65536},
		{RLIMIT_NPROC, processes, processes},
		{RLIMIT_RTPRIO, 0, 0},
		{RLIMIT_SIGPENDING, 4096, 4096},
		{RLIMIT_STACK, 8 << 20, RLIM_INFINITY},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (set_limit(all[i].resource, all[i].soft, all[i].hard) < 0) {
			return -1;
		}
	}
	if (personality(PER_LINUX) < 0) {
		return -1;
	}
	/* A person who runs brun under nice(1) keeps that; only a raised priority is given back. */
	(void)setpriority(PRIO_PROCESS, 0, 0);
	return 0;
}

int
privileges_limit_memory(const struct sandbox_limits *limits)
{
	const rlim_t memory = limits->memory_bytes ? limits->memory_bytes : RLIM_INFINITY;

	return set_limit(RLIMIT_AS, memory, memory);
}

static int
drop_bounding_set(void)
{
	for (unsigned long cap = 0; cap < 64; cap++) {
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0) {
			/* EINVAL: past the last one that this kernel knows. */
			return errno == EINVAL ? 0 : -1;
		}
	}
	return 0;
}

int
privileges_drop(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
				   SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
				   SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
		drop_bounding_set() < 0 || prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0) {
		return -1;
	}
	return syscall(SYS_capset, &header, none) < 0 ? -1 : prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
