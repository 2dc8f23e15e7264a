/* SPDX-License-Identifier: MIT */
#include "rules.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>

/* Arguments that the kernel takes as 32 bits are compared as such [CVE-2019-10063]. */
#define LOW_WORD 0xffffffff

/* F_SET_FILE_RW_HINT, Linux 4.13. */
enum { LAST_COMMAND = 1024 + 14 };

/* EPERM for what takes a privilege anyway; ENOSYS where programs have a fall-back. */
const struct rule rules_step[] = {
	/* mounts and namespaces */
	{"mount umount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick "
	 "mount_setattr setns",
		EPERM},
	{"unshare clone", EPERM, CLONE_NEWUSER, CLONE_NEWUSER, 0},
	/* its flags lie behind a pointer; C libraries fall back to clone */
	{"clone3", ENOSYS},
	/* large and young parts of the kernel */
	{"bpf perf_event_open userfaultfd fanotify_init lookup_dcookie modify_ldt vm86 vm86old",
		EPERM},
	{"io_uring_setup io_uring_enter io_uring_register", ENOSYS},
	/* keyrings belong to no namespace */
	{"keyctl add_key request_key", EPERM},
	/* the machine as a whole */
	{"kexec_load kexec_file_load init_module finit_module delete_module create_module reboot swapon "
	 "swapoff acct quotactl quotactl_fd nfsservctl syslog iopl ioperm vhangup clock_settime "
	 "clock_settime64 settimeofday stime uselib _sysctl open_by_handle_at",
		EPERM},
	/* input for somebody else's terminal */
	{"ioctl", EPERM, LOW_WORD, TIOCSTI, 1},
	{"ioctl", EPERM, LOW_WORD, TIOCLINUX, 1},
	/* A lease on an input, which the step owns, makes everybody else's open(2) of it wait. */
	{"fcntl fcntl64", EINVAL, LOW_WORD, F_SETLEASE, 1},
	/* What comes later is not known here: F_SETDELEG (1040, Linux 6.19) is a lease, too. */
	{"fcntl fcntl64", EINVAL, LOW_WORD, LAST_COMMAND, 1, RULE_ABOVE},
	/* Equal ids are enough to set pid 1's limits, and RLIMIT_CPU kills even that. */
	{"prlimit64", EPERM, LOW_WORD, 1, 0},
	/* It is 1 for a reason (privileges.c), and programs are content that are told it is 0
	 * now. */
	{"setrlimit", 0, LOW_WORD, RLIMIT_CORE, 0},
	{"prlimit64", 0, LOW_WORD, RLIMIT_CORE, 1, .given = 2},
	/* Builds "install -o root"; nobody but the step sees the owner, so saying yes is enough. */
	{"chown chown32 fchown fchown32 lchown lchown32 fchownat", 0},
	{0},
};

/* Memory (but none that code could be put into), time, what descriptors are good for, signals to
 * itself as abort(3) sends them, and the end. */
#define BASIC                                                                                      \
	{"brk munmap mremap madvise membarrier futex futex_waitv", RULE_ALLOW},                    \
		{"mmap mprotect", RULE_ALLOW, PROT_EXEC, 0, 2},                                    \
		{"read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 "       \
		 "lseek _llseek close close_range dup dup2 dup3 fcntl fcntl64 poll ppoll select "  \
		 "pselect6 _newselect pipe pipe2 fstat fstat64 fstatfs fstatfs64 getdents "        \
		 "getdents64 fadvise64 readahead sendfile sendfile64 copy_file_range splice",      \
			RULE_ALLOW},                                                               \
		{"clock_gettime clock_gettime64 clock_getres clock_nanosleep nanosleep "           \
		 "gettimeofday time times getitimer setitimer getrusage getrlimit ugetrlimit "     \
		 "sysinfo uname getrandom getpid getppid gettid getuid geteuid getgid getegid "    \
		 "getpgrp sched_yield sched_getaffinity getcpu",                                   \
			RULE_ALLOW},                                                               \
		{"prlimit64", RULE_ALLOW, UINT64_MAX, 0, 2},                                       \
		{"rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait "         \
		 "sigreturn sigaltstack restart_syscall set_robust_list get_robust_list rseq "     \
		 "set_tid_address arch_prctl umask exit exit_group",                               \
			RULE_ALLOW},                                                               \
	{                                                                                          \
		"kill tgkill", RULE_ALLOW, LOW_WORD, 0, 0, RULE_OWN_PID                            \
	}

/* Looking at files by path. */
#define LOOKING                                                                                          \
	{                                                                                                \
		"stat stat64 lstat lstat64 newfstatat fstatat64 statx statfs statfs64 access faccessat " \
		"faccessat2 readlink readlinkat getcwd chdir fchdir",                                    \
			RULE_ALLOW                                                                       \
	}

const struct rule rules_confine[] = {
	BASIC,
	LOOKING,
	{"open openat openat2 creat mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link "
	 "linkat symlink symlinkat chmod fchmod fchmodat utime utimes utimensat futimesat truncate "
	 "ftruncate fallocate fsync fdatasync sync_file_range syncfs flock",
		RULE_ALLOW},
	{"ioctl", RULE_ALLOW, LOW_WORD, FICLONE, 1},
	{0},
};

#define WRITING (O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))

const struct rule rules_reader[] = {
	BASIC,
	LOOKING,
	{"open", RULE_ALLOW, WRITING, O_RDONLY, 1},
	{"openat", RULE_ALLOW, WRITING, O_RDONLY, 2},
	{0},
};
