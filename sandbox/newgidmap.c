/* SPDX-License-Identifier: MIT */
#include "newgidmap.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 512, PATIENCE_MS = 10000 };

/* Where distributions have it. Not from PATH: what a folder of a person's has by that name is not
 * asked for ids. */
const char *
newgidmap_find(void)
{
	static const char *const places[] = {"/usr/bin/newgidmap", "/bin/newgidmap",
		"/run/wrappers/bin/newgidmap", "/run/privileged/bin/newgidmap",
		"/run/setuid-programs/newgidmap", "/usr/local/bin/newgidmap"};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (access(places[i], X_OK) == 0) {
			return places[i];
		}
	}
	return NULL;
}

/* Appends what comes until nobody can write any more; false where that takes too long. */
static bool
hear(int from, struct buf *words)
{
	const uint64_t end_ms = clock_now_ms() + PATIENCE_MS;
	struct pollfd polled = {.fd = from, .events = POLLIN};
	char chunk[256];

	for (;;) {
		uint64_t now_ms = clock_now_ms();
		if (now_ms >= end_ms || poll(&polled, 1, (int)(end_ms - now_ms)) <= 0) {
			return false;
		}
		ssize_t got = read(from, chunk, sizeof(chunk));
		if (got <= 0) {
			return true;
		}
		if (words->length < WORDS_MAX) {
			buf_add(words, chunk, (size_t)got);
		}
	}
}

/* Its status says less than whether the map does what it is for; what it said is kept. */
static void
run_program(char *const *argv, struct buf *words)
{
	static char *const env[] = {(char *)"PATH=/usr/bin:/bin", (char *)"LC_ALL=C", NULL};
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0) {
		return;
	}
	cleanup_fd int from = ends[0];
	cleanup_fd int to = ends[1];
	pid_t pid = vfork();
	if (pid == 0) {
		/* An own group: SIGINT at the terminal is for brun. */
		if (setpgid(0, 0) == 0 && dup2(to, 1) == 1 && dup2(to, 2) == 2) {
			execve(argv[0], argv, env);
		}
		_exit(127);
	}
	fs_close_slot(&to);
	to = -1;
	if (pid > 0) {
		if (!hear(from, words)) {
			buf_puts(words, "newgidmap does not end");
			kill(pid, SIGKILL);
		}
		/* Where the caller ignores SIGCHLD its status is lost (wait(2)). */
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
		}
	}
}

void
newgidmap_run(const char *program, pid_t pid, gid_t other, struct buf *words)
{
	char process[16], own[16], another[16];

	snprintf(process, sizeof(process), "%d", (int)pid);
	snprintf(own, sizeof(own), "%u", getegid());
	snprintf(another, sizeof(another), "%u", other);
	/* It denies setgroups(2) where nothing but the own group is mapped (newgidmap.c of shadow,
	 * verify_range). */
	char *argv[] = {(char *)program, process, own, own, (char *)"1", another, another,
		(char *)"1", NULL};
	run_program(argv, words);
}
