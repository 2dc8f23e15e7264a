/* SPDX-License-Identifier: MIT */
#include "visit.h"

#include "family.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The first process is ours, and nobody may follow it (it is not dumpable). The others have
 * begun with an exec in the step's namespace, which is ours (ptrace(2), "ptrace access mode
 * checking"). */
static int
open_namespace(const struct family *family, const char *kind)
{
	int fd = -1;

	for (size_t i = 1; i < family->count && fd < 0; i++) {
		char path[48];
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)family->pids[i], kind);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	return fd;
}

/* In the child, whose copy of the memory is its own. */
_Noreturn static void
look_from(int user, int ipc, void (*look)(const void *, void *), const void *context, void *result,
	size_t size, int answer)
{
	/* The user namespace first: all rights in the other one come from it. */
	if (setns(user, CLONE_NEWUSER) < 0 || setns(ipc, CLONE_NEWIPC) < 0) {
		_exit(1);
	}
	/* Only now, for a change of rights clears it (prctl(2)). */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	look(context, result);
	_exit(fs_write_all(answer, result, size, NULL) < 0);
}

static bool
read_all(int fd, char *data, size_t size)
{
	while (size > 0) {
		ssize_t got = read(fd, data, size);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			return false;
		}
		data += got;
		size -= (size_t)got;
	}
	return true;
}

bool
visit_step(const struct family *family, void (*look)(const void *context, void *result),
	const void *context, void *result, size_t size)
{
	int ends[2];
	cleanup_fd int user = open_namespace(family, "user");
	cleanup_fd int ipc = user < 0 ? -1 : open_namespace(family, "ipc");

	if (ipc < 0 || pipe2(ends, O_CLOEXEC) < 0) {
		return false;
	}
	cleanup_fd int from = ends[0];
	cleanup_fd int to = ends[1];
	/* The C library's own, which leaves its locks in order for the child. */
	pid_t pid = fork();
	if (pid == 0) {
		look_from(user, ipc, look, context, result, size, to);
	}
	fs_close_slot(&to);
	to = -1;
	bool has_seen = pid > 0 && read_all(from, result, size);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
	}
	return has_seen;
}
