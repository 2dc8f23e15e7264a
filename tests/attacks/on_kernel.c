/* SPDX-License-Identifier: MIT */
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void
namespaces(const char *argument)
{
	struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};

	(void)argument;
	must_fail_with(EPERM, unshare(CLONE_NEWUSER), "unshare(CLONE_NEWUSER)");
	must_fail_with(EPERM, unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare with more");
	must_fail(unshare(CLONE_NEWNET), "unshare(CLONE_NEWNET)");
	must_fail_with(EPERM, syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL),
		"clone(CLONE_NEWUSER)");
	must_fail_with(ENOSYS, syscall(SYS_clone3, &args, sizeof(args)), "clone3");
	int own = open("/proc/self/ns/user", O_RDONLY);
	must_fail_with(EPERM, setns(own, 0), "setns");
}

static void
large_parts(const char *argument)
{
	unsigned char attributes[256] = {0};

	(void)argument;
	must_fail_with(ENOSYS, syscall(SYS_io_uring_setup, 8, attributes), "io_uring_setup");
	must_fail_with(EPERM, syscall(SYS_bpf, 0, attributes, sizeof(attributes)), "bpf");
	must_fail_with(
		EPERM, syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0), "perf_event_open");
	must_fail_with(EPERM, syscall(SYS_userfaultfd, 0), "userfaultfd");
	must_fail_with(EPERM, syscall(SYS_fanotify_init, 0, 0), "fanotify_init");
}

static void
keys(const char *argument)
{
	(void)argument;
	must_fail_with(EPERM, syscall(SYS_add_key, "user", "brun-attack", "x", 1, -2), "add_key");
	must_fail_with(
		EPERM, syscall(SYS_request_key, "user", "brun-attack", NULL, -2), "request_key");
	must_fail_with(EPERM, syscall(SYS_keyctl, 0, -3, 1), "keyctl");
}

static void
machine(const char *argument)
{
	struct timespec now;

	(void)argument;
	/* Values that would do no harm if they went through. */
	must_fail_with(EPERM, syscall(SYS_reboot, 0, 0, 0, NULL), "reboot");
	must_fail_with(EPERM, swapon("/build/none", 0), "swapon");
	must_fail_with(EPERM, swapoff("/build/none"), "swapoff");
	must_fail_with(EPERM, syscall(SYS_init_module, NULL, 0, ""), "init_module");
	must_fail_with(EPERM, syscall(SYS_finit_module, -1, "", 0), "finit_module");
	must_fail_with(EPERM, syscall(SYS_delete_module, "no-such-module", 0), "delete_module");
	must_fail_with(EPERM, syscall(SYS_kexec_load, 0, 0, NULL, 0), "kexec_load");
	must_fail_with(EPERM, syscall(SYS_acct, NULL), "acct");
	must_fail_with(EPERM, syscall(SYS_quotactl, -1, NULL, 0, NULL), "quotactl");
	must_fail_with(EPERM, klogctl(10, NULL, 0), "syslog");
	clock_gettime(CLOCK_REALTIME, &now);
	must_fail_with(EPERM, clock_settime(CLOCK_REALTIME, &now), "clock_settime");
	must_fail(sethostname("x", 1), "sethostname");
}

static void
limits(const char *argument)
{
	struct rlimit limit;

	(void)argument;
	must_be(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
	limit.rlim_max = limit.rlim_max + 1;
	must_fail(setrlimit(RLIMIT_NOFILE, &limit), "raise a hard limit");
	must_fail(setpriority(PRIO_PROCESS, 0, -5), "raise the priority");
	must_fail(
		syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &(int){1}), "real-time scheduling");
}

/* A terminal of the step's own: the filter must refuse before the driver is asked. */
static void
terminal_input(const char *argument)
{
	(void)argument;
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) {
		cannot_tell("no pseudo terminal can be made");
	}
	int slave = open(ptsname(master), O_RDWR);
	must_be(slave >= 0, "the terminal opens");
	must_fail_with(EPERM, ioctl(slave, TIOCSTI, "x"), "TIOCSTI");
	must_fail_with(EPERM, syscall(SYS_ioctl, slave, (1UL << 32) | TIOCSTI, "x"),
		"TIOCSTI with a high bit");
	must_fail_with(EPERM, syscall(SYS_ioctl, slave, (1UL << 63) | TIOCLINUX, "\2"),
		"TIOCLINUX with a high bit");
}

static void
sockets(const char *argument)
{
	static const struct {
		const char *name;
		long family, type, protocol;
	} refused[] = {
		{"AF_UNSPEC", 0, SOCK_STREAM, 0},
		{"AF_ALG", AF_ALG, SOCK_SEQPACKET, 0},
		{"AF_PACKET", AF_PACKET, SOCK_RAW, 0},
		{"AF_VSOCK", AF_VSOCK, SOCK_STREAM, 0},
		{"AF_VSOCK with a high bit", (1L << 32) | AF_VSOCK, SOCK_STREAM, 0},
		{"AF_TIPC", AF_TIPC, SOCK_RDM, 0},
		{"AF_BLUETOOTH", AF_BLUETOOTH, SOCK_RAW, 0},
		{"AF_KEY", AF_KEY, SOCK_RAW, 2},
		{"AF_XDP", AF_XDP, SOCK_RAW, 0},
		{"NETLINK_AUDIT", AF_NETLINK, SOCK_RAW, NETLINK_AUDIT},
		{"NETLINK_NETFILTER", AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER},
		{"NETLINK_CRYPTO", AF_NETLINK, SOCK_RAW, NETLINK_CRYPTO},
	};
	int pair[2];

	(void)argument;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		must_fail_with(EAFNOSUPPORT,
			syscall(SYS_socket, refused[i].family, refused[i].type,
				refused[i].protocol),
			refused[i].name);
	}
	must_fail_with(
		EAFNOSUPPORT, syscall(SYS_socketpair, AF_TIPC, SOCK_STREAM, 0, pair), "socketpair");
	must_fail(socket(AF_INET, SOCK_RAW, 1), "a raw socket");
	must_be(socket(AF_UNIX, SOCK_STREAM, 0) >= 0 && socket(AF_INET, SOCK_STREAM, 0) >= 0 &&
			socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) >= 0 &&
			socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0,
		"ordinary sockets work");
}

static void
young_calls(const char *argument)
{
	(void)argument;
	/* setxattrat, file_setattr and all that is not there yet */
	for (long number = 451; number < 1024; number++) {
		errno = 0;
		long result = syscall(number, -1, -1, -1, -1, -1, -1);
		if (result != -1 || errno != ENOSYS) {
			must_fail(0, "system call %ld", number);
		}
	}
}

#ifdef __x86_64__
static long
call_i386(long number, long first, long second)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(first), "c"(second), "d"(0L), "S"(0L), "D"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static void
other_abis(const char *argument)
{
	const long x32 = 0x40000000;
	int status = 0;

	(void)argument;
	must_fail_with(ENOSYS, syscall(x32 | SYS_getpid), "getpid by x32");
	must_fail_with(ENOSYS, syscall(x32 | SYS_mount, 0, 0, 0, 0, 0), "mount by x32");
	/* Where the kernel has no 32-bit entry, this ends by SIGSEGV. */
	pid_t pid = fork();
	if (pid == 0) {
		_exit(call_i386(20, 0, 0) == getpid() ? 0 : 1);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0) {
		cannot_tell("this kernel runs no 32-bit calls");
	}
	must_be(call_i386(21, 0, 0) == -EPERM, "mount (i386) is EPERM");
	must_be(call_i386(120, CLONE_NEWUSER, 0) == -EPERM, "clone (i386) is EPERM");
	must_be(call_i386(310, CLONE_NEWUSER, 0) == -EPERM, "unshare (i386) is EPERM");
	must_be(call_i386(288, 0, 0) == -EPERM, "keyctl (i386) is EPERM");
	must_be(call_i386(359, AF_VSOCK, SOCK_STREAM) == -EAFNOSUPPORT, "AF_VSOCK (i386)");
	must_be(call_i386(102, 1, 0) == -EAFNOSUPPORT, "socketcall (i386)");
	must_be(call_i386(463, 0, 0) == -ENOSYS, "setxattrat (i386) is ENOSYS");
}
#else
static void
other_abis(const char *argument)
{
	(void)argument;
	cannot_tell("this machine has no other system call tables");
}
#endif

const struct attack attacks_on_kernel[] = {
	{"namespaces", "makes a user namespace, in which it would be root",
		"EPERM, ENOSYS for clone3", "most kernel exploits of the last years begin there",
		namespaces},
	{"large-parts", "io_uring, bpf, perf, userfaultfd, fanotify", "EPERM or ENOSYS",
		"the parts of the kernel with the most holes", large_parts},
	{"keys", "uses the kernel's keyrings", "EPERM", "keyrings belong to no namespace", keys},
	{"machine", "reboot, swap, modules, kexec, clock, kernel log", "EPERM",
		"some of these ask for the kernel's root uid", machine},
	{"limits", "raises limits and priority", "an error each time", "", limits},
	{"terminal-input", "types into a terminal", "EPERM, high bits or not",
		"CVE-2017-5226; CVE-2019-10063: 64-bit comparison of a 32-bit argument",
		terminal_input},
	{"sockets", "opens sockets of other families", "EAFNOSUPPORT",
		"AF_VSOCK reaches the host from an empty network namespace", sockets},
	{"young-calls", "calls that are younger than the filter", "ENOSYS",
		"setxattrat passed every filter that was written before it", young_calls},
	{"other-abis", "the same by 32-bit and x32 numbers", "the same answers",
		"a filter for one table leaves the others open", other_abis},
	{0},
};
