/* SPDX-License-Identifier: MIT */
#include "spawn.h"

#include "canaries.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST_LEAKED = 50, KEPT_BYTES = 8 << 20 };

/* What a step must not inherit. */
static void
be_odd(void)
{
	sigset_t blocked;
	struct rlimit cores;

	personality(ADDR_NO_RANDOMIZE);
	umask(0);
	signal(SIGUSR1, SIG_IGN);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR2);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	getrlimit(RLIMIT_CORE, &cores);
	cores.rlim_cur = cores.rlim_max;
	setrlimit(RLIMIT_CORE, &cores);
}

_Noreturn static void
become(const struct canaries *canaries, const char *const *argv, int output, bool is_on_terminal)
{
	int slave = fcntl(canaries->slave, F_DUPFD, 10);

	setsid();
	ioctl(slave, TIOCSCTTY, 0);
	dup2(output, 1);
	dup2(is_on_terminal ? slave : output, 2);
	dup2(slave, 0);
	close(slave);
	for (int i = 0; i < 3; i++) {
		dup2(canaries->leaked[i], FIRST_LEAKED + i);
	}
	be_odd();
	execv(argv[0], (char *const *)argv);
	fprintf(stderr, "exec %s: %s\n", argv[0], strerror(errno));
	_exit(99);
}

/* Appends what there is to read; false at the end. What is too much is read and dropped. */
static bool
drain(int fd, struct spawned *spawned)
{
	char chunk[65536];
	ssize_t got = read(fd, chunk, sizeof(chunk));

	if (got <= 0) {
		return false;
	}
	if (spawned->length + (size_t)got < KEPT_BYTES) {
		memcpy(spawned->said + spawned->length, chunk, (size_t)got);
		spawned->length += (size_t)got;
	}
	return true;
}

static void
watch(int pidfd, int output, int terminal, int patience_ms, struct spawned *spawned)
{
	struct pollfd all[] = {{.fd = pidfd, .events = POLLIN}, {.fd = output, .events = POLLIN},
		{.fd = terminal, .events = POLLIN}};

	fcntl(output, F_SETFL, O_NONBLOCK);
	fcntl(terminal, F_SETFL, O_NONBLOCK);
	do {
		if (poll(all, 3, patience_ms) == 0) {
			syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
		}
		if (all[1].revents && !drain(output, spawned)) {
			all[1].fd = -1;
		}
		if (all[2].revents && !drain(terminal, spawned)) {
			all[2].fd = -1;
		}
	} while (!all[0].revents);
	while (drain(output, spawned)) {
	}
	while (drain(terminal, spawned)) {
	}
}

void
spawn(const struct canaries *canaries, const char *const *argv, bool is_on_terminal,
	int patience_ms, struct spawned *ret_spawned)
{
	int ends[2], status = 0;
	struct spawned spawned = {.said = calloc(1, KEPT_BYTES)};

	(void)!pipe2(ends, O_CLOEXEC);
	pid_t pid = fork();
	if (pid == 0) {
		become(canaries, argv, ends[1], is_on_terminal);
	}
	close(ends[1]);
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	watch(pidfd, ends[0], canaries->terminal, patience_ms, &spawned);
	waitpid(pid, &status, 0);
	close(pidfd);
	close(ends[0]);
	spawned.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	*ret_spawned = spawned;
}
