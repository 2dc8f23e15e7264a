/* SPDX-License-Identifier: MIT */
#include "programs/rooted.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
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

/* The same by hand, before Linux 5.6: from the root's top down to where it has come. */
struct walk {
	int root;
	int *below; /* a descriptor for each directory that was entered */
	size_t depth;
	struct buf rest; /* of the path */
	int links;	 /* that were followed */
};

/* As the kernel counts (path_resolution(7)). */
enum { LINKS_MAX = 40 };

static int
walk_here(const struct walk *walk)
{
	return walk->depth ? walk->below[walk->depth - 1] : walk->root;
}

static void
walk_up(struct walk *walk, size_t depth)
{
	while (walk->depth > depth) {
		close(walk->below[--walk->depth]);
	}
}

/* Puts what a link says in front of the rest. */
static int
walk_along(struct walk *walk, int link)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(link, "", target, sizeof(target));

	if (length < 0 || length == sizeof(target) || walk->links++ == LINKS_MAX) {
		errno = length < 0 ? errno : length == sizeof(target) ? ENAMETOOLONG : ELOOP;
		return -1;
	}
	if (target[0] == '/') {
		walk_up(walk, 0);
	}
	struct buf rest = {0};
	buf_printf(&rest, "%.*s%s", (int)length, target, buf_text(&walk->rest));
	buf_done(&walk->rest);
	walk->rest = rest;
	return 0;
}

/* Takes the next name off the rest, for the caller to free; NULL where there is none. */
static char *
next_name(struct walk *walk)
{
	const char *start = buf_text(&walk->rest) + strspn(buf_text(&walk->rest), "/");
	size_t length = strcspn(start, "/");
	struct buf rest = {0};

	char *name = length ? mem_strndup(start, length) : NULL;
	buf_puts(&rest, start + length);
	buf_done(&walk->rest);
	walk->rest = rest;
	return name;
}

static int
walk_down(struct walk *walk, const char *name)
{
	struct stat st;
	cleanup_fd int fd = openat(walk_here(walk), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0) {
		return -1;
	}
	if (S_ISLNK(st.st_mode)) {
		return walk_along(walk, fd);
	}
	if (!S_ISDIR(st.st_mode) && walk->rest.length) {
		errno = ENOTDIR;
		return -1;
	}
	walk->below = mem_resize(walk->below, walk->depth + 1, sizeof(*walk->below));
	walk->below[walk->depth++] = steal_fd(fd);
	return 0;
}

static int
open_by_hand(int root, const char *path)
{
	struct walk walk = {.root = root};
	int result = 0;

	buf_puts(&walk.rest, path);
	for (char *name; result == 0 && (name = next_name(&walk)) != NULL; free(name)) {
		if (strcmp(name, "..") == 0) {
			walk_up(&walk, walk.depth ? walk.depth - 1 : 0);
		} else if (strcmp(name, ".") != 0) {
			result = walk_down(&walk, name);
		}
	}
	int fd = result < 0 ? -1 : fcntl(walk_here(&walk), F_DUPFD_CLOEXEC, 3);
	int number = errno;
	walk_up(&walk, 0);
	free(walk.below);
	buf_done(&walk.rest);
	errno = number;
	return fd;
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
	/* EPERM: some containers' filters answer so to what they don't know. */
	return fd < 0 && (errno == ENOSYS || errno == EPERM) ? open_by_hand(root, path) : fd;
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
