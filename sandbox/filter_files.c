/* SPDX-License-Identifier: MIT */
/* The filters of our own helpers: a list of what they may call, all else is EPERM. */
#include "filter.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

/* Memory, time, what descriptors are good for, and the end. */
static const char *const basic[] = {
	"brk",
	"munmap",
	"mremap",
	"madvise",
	"membarrier",
	"futex",
	"futex_waitv",
	"read",
	"readv",
	"pread64",
	"preadv",
	"preadv2",
	"write",
	"writev",
	"pwrite64",
	"pwritev",
	"pwritev2",
	"lseek",
	"_llseek",
	"close",
	"close_range",
	"dup",
	"dup2",
	"dup3",
	"fcntl",
	"fcntl64",
	"poll",
	"ppoll",
	"select",
	"pselect6",
	"_newselect",
	"pipe",
	"pipe2",
	"fstat",
	"fstat64",
	"fstatfs",
	"fstatfs64",
	"getdents",
	"getdents64",
	"fadvise64",
	"readahead",
	"sendfile",
	"sendfile64",
	"copy_file_range",
	"splice",
	"clock_gettime",
	"clock_getres",
	"clock_nanosleep",
	"nanosleep",
	"gettimeofday",
	"time",
	"times",
	"getitimer",
	"setitimer",
	"getrusage",
	"getrlimit",
	"sysinfo",
	"uname",
	"getrandom",
	"getpid",
	"getppid",
	"gettid",
	"getuid",
	"geteuid",
	"getgid",
	"getegid",
	"getpgrp",
	"sched_yield",
	"sched_getaffinity",
	"getcpu",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"rt_sigpending",
	"rt_sigtimedwait",
	"sigreturn",
	"sigaltstack",
	"restart_syscall",
	"set_robust_list",
	"get_robust_list",
	"rseq",
	"set_tid_address",
	"arch_prctl",
	"umask",
	"exit",
	"exit_group",
};

/* Looking at files by path. */
static const char *const looking[] = {
	"stat",
	"stat64",
	"lstat",
	"lstat64",
	"newfstatat",
	"fstatat64",
	"statx",
	"statfs",
	"statfs64",
	"access",
	"faccessat",
	"faccessat2",
	"readlink",
	"readlinkat",
	"getcwd",
	"chdir",
	"fchdir",
};

/* Changing what lies below a root of its own. */
static const char *const changing[] = {
	"open",
	"openat",
	"openat2",
	"creat",
	"mkdir",
	"mkdirat",
	"rmdir",
	"unlink",
	"unlinkat",
	"rename",
	"renameat",
	"renameat2",
	"link",
	"linkat",
	"symlink",
	"symlinkat",
	"chmod",
	"fchmod",
	"fchmodat",
	"utime",
	"utimes",
	"utimensat",
	"futimesat",
	"truncate",
	"ftruncate",
	"fallocate",
	"fsync",
	"fdatasync",
	"sync_file_range",
	"syncfs",
	"flock",
};

static int
allow(scmp_filter_ctx context, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int call = seccomp_syscall_resolve_name(names[i]);
		if (call == __NR_SCMP_ERROR) {
			continue;
		}
		int result = seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 0);
		if (result < 0) {
			return result;
		}
	}
	return 0;
}

/* The call, where these bits of its argument are `wanted`. */
static int
allow_masked(scmp_filter_ctx context, int call, unsigned argument, uint32_t mask, uint32_t wanted)
{
	return seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 1,
		SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, mask, wanted));
}

/* Memory, but none that code could be put into; signals to itself, as abort(3) sends them; reading
 * limits, not setting them. */
static int
allow_basic(scmp_filter_ctx context)
{
	const uint32_t self = (uint32_t)getpid();
	int results[] = {
		allow(context, basic, sizeof(basic) / sizeof(*basic)),
		allow_masked(context, SCMP_SYS(mmap), 2, PROT_EXEC, 0),
		allow_masked(context, SCMP_SYS(mprotect), 2, PROT_EXEC, 0),
		allow_masked(context, SCMP_SYS(tgkill), 0, UINT32_MAX, self),
		allow_masked(context, SCMP_SYS(kill), 0, UINT32_MAX, self),
		seccomp_rule_add(
			context, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A2(SCMP_CMP_EQ, 0)),
	};

	for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++) {
		if (results[i] < 0) {
			return results[i];
		}
	}
	return 0;
}

static int
fill_confine(scmp_filter_ctx context)
{
	/* linux/fs.h: FICLONE, which fs_copy_fd tries first. */
	const uint32_t clone_request = 0x40049409;
	int result = allow_basic(context);

	if (result == 0) {
		result = allow(context, looking, sizeof(looking) / sizeof(*looking));
	}
	if (result == 0) {
		result = allow(context, changing, sizeof(changing) / sizeof(*changing));
	}
	return result < 0 ? result
			  : allow_masked(context, SCMP_SYS(ioctl), 1, UINT32_MAX, clone_request);
}

static int
fill_reader(scmp_filter_ctx context)
{
	const uint32_t writing = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
	int result = allow_basic(context);

	if (result == 0) {
		result = allow(context, looking, sizeof(looking) / sizeof(*looking));
	}
	if (result == 0) {
		result = allow_masked(context, SCMP_SYS(open), 1, writing, O_RDONLY);
	}
	return result < 0 ? result : allow_masked(context, SCMP_SYS(openat), 2, writing, O_RDONLY);
}

static int
load(int (*fill)(scmp_filter_ctx context), struct err *err)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int result = context ? fill(context) : -ENOMEM;

	if (result == 0) {
		result = seccomp_load(context);
	}
	seccomp_release(context);
	if (result < 0) {
		err_set(err, -result,
			"this host refuses the sandbox: installing a system call filter");
		if (err) {
			err->status = STATUS_SANDBOX;
		}
		return -1;
	}
	return 0;
}

int
filter_confine(struct err *err)
{
	return load(fill_confine, err);
}

int
filter_confine_reader(struct err *err)
{
	return load(fill_reader, err);
}
