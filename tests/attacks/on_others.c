/* SPDX-License-Identifier: MIT */
#include "inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static void
pid_1(const char *argument)
{
	char byte;
	struct iovec local = {&byte, 1}, remote = {(void *)0x10000, 1};

	(void)argument;
	must_fail(ptrace(PTRACE_ATTACH, 1, NULL, NULL), "ptrace pid 1");
	must_fail(ptrace(PTRACE_SEIZE, 1, NULL, NULL), "seize pid 1");
	must_fail_with(EPERM, process_vm_readv(1, &local, 1, &remote, 1, 0), "process_vm_readv");
	int pidfd = (int)syscall(SYS_pidfd_open, 1, 0);
	for (int fd = 0; pidfd >= 0 && fd < 16; fd++) {
		must_fail(
			syscall(SYS_pidfd_getfd, pidfd, fd, 0), "take descriptor %d of pid 1", fd);
	}
	kill(1, SIGKILL);
	kill(1, SIGTERM);
	kill(1, SIGSTOP);
	must_be(getppid() == 1, "pid 1 is still there");
}

/* argument: the pid, outside, of the process that runs this. */
static void
outer_processes(const char *argument)
{
	pid_t outside = (pid_t)atoi(argument);
	char path[64];

	must_be(getpid() == 2, "pids count from 1 in here");
	must_fail_with(ESRCH, outside > 2 ? kill(outside, 0) : -1, "signal a process outside");
	must_fail(ptrace(PTRACE_SEIZE, outside, NULL, NULL), "ptrace a process outside");
	snprintf(path, sizeof(path), "/proc/%d", outside);
	must_fail(access(path, F_OK), "see %s", path);
	must_fail_with(ESRCH, kill(-1, 0), "signal all others");
}

/* argument: the name of an abstract socket that listens outside. */
static void
abstract_socket(const char *argument)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	socklen_t length =
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(argument));

	strncpy(address.sun_path + 1, argument, sizeof(address.sun_path) - 2);
	must_be(fd >= 0, "a socket can be made");
	must_fail(connect(fd, (struct sockaddr *)&address, length), "connect to @%s", argument);
}

/* argument: the number of a TCP port that listens on 127.0.0.1 outside. */
static void
loopback(const char *argument)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(argument)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	must_be(fd >= 0, "a socket can be made");
	must_fail_with(ECONNREFUSED, connect(fd, (struct sockaddr *)&address, sizeof(address)),
		"connect to the host's loopback");
	address.sin_addr.s_addr = inet_addr("192.0.2.1");
	must_fail_with(ENETUNREACH, connect(fd, (struct sockaddr *)&address, sizeof(address)),
		"connect to the world");
}

static void
terminal(const char *argument)
{
	(void)argument;
	must_fail(open("/dev/tty", O_RDWR), "open the controlling terminal");
	must_be(!isatty(0) && !isatty(1) && !isatty(2), "stdio is no terminal");
	must_be(getsid(0) == getpid(), "the session is its own");
	must_be(access("/dev/pts/0", F_OK) != 0, "the host's terminals are not there");
}

const struct attack attacks_on_others[] = {
	{"pid-1", "takes over pid 1 of its namespace, which is ours",
		"an error each time; pid 1 lives", "pid 1 has the report pipe", pid_1},
	{"outer-processes", "looks for and signals processes outside", "ESRCH", "",
		outer_processes},
	{"abstract-socket", "connects to an abstract socket of the host", "an error",
		"CVE-2020-15257: containerd's abstract socket", abstract_socket},
	{"loopback", "connects to the host's loopback", "ECONNREFUSED, ENETUNREACH beyond", "",
		loopback},
	{"terminal", "looks for a terminal", "none", "CVE-2016-2779: runuser", terminal},
	{0},
};
