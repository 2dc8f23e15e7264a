/* SPDX-License-Identifier: MIT */
#include "host/helper.h"

#include "base/err.h"
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FDS_MOST = 5, FDS_ABOVE = 16 };

/* SIGINT at the terminal is for brun, which then ends its helpers: hence the process group. */
static int
set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &all);
	posix_spawnattr_setpgroup(attributes, 0);
	return posix_spawnattr_setflags(
		attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

static int
start_with(const char *const *argv, const int *high, size_t fd_count, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int number = posix_spawn_file_actions_init(&actions);

	if (number) {
		return number;
	}
	for (size_t i = 0; i < fd_count && number == 0; i++) {
		number = posix_spawn_file_actions_adddup2(&actions, high[i], (int)i);
	}
	if (number == 0 && (number = posix_spawnattr_init(&attributes)) == 0) {
		number = set_attributes(&attributes);
		if (number == 0) {
			number = posix_spawn(ret_pid, argv[0], &actions, &attributes,
				(char *const *)argv, environ);
		}
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return number;
}

int
helper_start(
	const char *const *argv, const int *fds, size_t fd_count, pid_t *ret_pid, struct err *err)
{
	int high[FDS_MOST] = {-1, -1, -1, -1, -1};
	int number = fd_count <= FDS_MOST ? 0 : EINVAL;

	/* Copies far up, so that placing one does not overwrite the next. */
	for (size_t i = 0; i < fd_count && number == 0; i++) {
		high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, FDS_ABOVE);
		number = high[i] < 0 ? errno : 0;
	}
	if (number == 0) {
		number = start_with(argv, high, fd_count, ret_pid);
	}
	for (size_t i = 0; i < FDS_MOST; i++) {
		fs_close_slot(&high[i]);
	}
	return number ? err_set(err, number, "starting '%s'", argv[0]) : 0;
}

void
helper_end(pid_t pid, char how[static 64])
{
	int status = 0;
	pid_t got;

	/* One that has ended keeps its status: a signal to a zombie does nothing. */
	(void)kill(pid, SIGKILL);
	do {
		got = waitpid(pid, &status, 0);
	} while (got < 0 && errno == EINTR);
	if (got != pid) {
		snprintf(how, 64, "gone");
	} else if (WIFSIGNALED(status)) {
		snprintf(how, 64, "killed by signal %d (%s)", WTERMSIG(status),
			sigdescr_np(WTERMSIG(status)));
	} else {
		snprintf(how, 64, "exit status %d", WEXITSTATUS(status));
	}
}
