/* SPDX-License-Identifier: MIT */
#include "programs/rooted.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool
is_host(int root)
{
	struct stat a, b;

	return fstat(root, &a) == 0 && stat("/", &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

int
rooted_open(int root, const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
	cleanup_free char *absolute = mem_printf("/%s", path);
	int fd;

	if (is_host(root)) {
		return open(absolute, O_PATH | O_CLOEXEC);
	}
	/* openat2(2): EAGAIN where a rename elsewhere got in the way. */
	do {
		fd = (int)syscall(SYS_openat2, root, absolute, &how, sizeof(how));
	} while (fd < 0 && errno == EAGAIN);
	return fd;
}

int
rooted_reopen(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static char *
path_of(int fd)
{
	char link[64], path[PATH_MAX];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, path, sizeof(path));
	return length < 0 || length == sizeof(path) ? NULL : mem_strndup(path, (size_t)length);
}

char *
rooted_real(int root, int fd)
{
	cleanup_free char *top = path_of(root), *path = path_of(fd);
	size_t length = !top || strcmp(top, "/") == 0 ? 0 : strlen(top);

	if (!top || !path || strncmp(path, top, length) != 0 ||
		(path[length] && path[length] != '/')) {
		errno = ENOENT;
		return NULL;
	}
	return mem_strdup(path + length + strspn(path + length, "/"));
}
