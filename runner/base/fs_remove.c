/* SPDX-License-Identifier: MIT */
/* Removing a tree that a hostile process may have made. */
#include "fs.h"

#include "err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory handed out by the step may be 0000; we own it, so we may open it after chmod. */
static int
open_to_empty(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0) {
		struct stat st;
		if (fstat(fd, &st) == 0 && (st.st_mode & 0300) != 0300) {
			(void)fchmod(fd, 0700);
		}
		return fd;
	}
	if (errno != EACCES) {
		return -1;
	}
	cleanup_fd int path = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (path < 0) {
		return -1;
	}
	/* fchmod refuses O_PATH descriptors; their /proc name is followed to the same inode. */
	char link[64];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", path);
	if (chmod(link, 0700) < 0) {
		return -1;
	}
	return openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* What remains to be emptied. `aside` is where a directory that lies too deep is moved to, so
 * that neither the stack nor the descriptor table grows with the depth of a hostile tree. */
struct removal {
	int top;
	unsigned long moved;
	uint64_t *freed; /* NULL: nobody asks */
};

enum { REMOVE_DEPTH = 32, BLOCK = 512 /* stat(2): of st_blocks */ };

/* How much the removal of this name frees: what has a name elsewhere frees nothing. */
static uint64_t
weigh(const struct removal *removal, int dirfd, const char *name)
{
	struct stat st;

	return removal->freed && fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			       (S_ISDIR(st.st_mode) || st.st_nlink == 1)
		       ? (uint64_t)st.st_blocks * BLOCK
		       : 0;
}

static int
unlink_counted(const struct removal *removal, int dirfd, const char *name, int flags)
{
	uint64_t weight = weigh(removal, dirfd, name);

	if (unlinkat(dirfd, name, flags) < 0) {
		return -1;
	}
	if (removal->freed) {
		*removal->freed += weight;
	}
	return 0;
}

static int
unlink_any(const struct removal *removal, int dirfd, const char *name)
{
	if (unlink_counted(removal, dirfd, name, 0) == 0 || errno == ENOENT) {
		return 0;
	}
	/* Linux says EISDIR, POSIX says EPERM for a directory. */
	return errno == EISDIR || errno == EPERM
		       ? unlink_counted(removal, dirfd, name, AT_REMOVEDIR)
		       : -1;
}

/* What somebody else has just removed is removed. */
static int
removal_failure(const char *name, struct err *err)
{
	return errno == ENOENT ? 0 : err_set(err, errno, "remove '%s'", name);
}

static int remove_below(struct removal *removal, int fd, int depth, struct err *err);

static int
remove_entry(struct removal *removal, int fd, const char *name, int depth, struct err *err)
{
	if (unlink_any(removal, fd, name) == 0 || errno == ENOENT) {
		return 0;
	}
	if (errno != ENOTEMPTY && errno != EEXIST) {
		return err_set(err, errno, "remove '%s'", name);
	}
	/* Before it is moved aside, too: rename(2) asks for write permission on what gets a new
	 * ".." */
	cleanup_fd int below = open_to_empty(fd, name);
	if (below < 0) {
		return removal_failure(name, err);
	}
	if (depth >= REMOVE_DEPTH) {
		char aside[64];
		snprintf(aside, sizeof(aside), ".brun-deep-%lu", removal->moved++);
		/* Fails with EEXIST-like errors where a hostile tree took the name: next number. */
		while (renameat2(fd, name, removal->top, aside, RENAME_NOREPLACE) < 0) {
			if (errno != EEXIST || removal->moved > 1000000) {
				return removal_failure(name, err);
			}
			snprintf(aside, sizeof(aside), ".brun-deep-%lu", removal->moved++);
		}
		return 0;
	}
	if (remove_below(removal, below, depth + 1, err) < 0) {
		return -1;
	}
	return unlink_counted(removal, fd, name, AT_REMOVEDIR) < 0 ? removal_failure(name, err) : 0;
}

/* A removed directory can't be listed; stat(2): it has no links. */
static bool
is_removed(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink == 0;
}

static int
remove_below(struct removal *removal, int fd, int depth, struct err *err)
{
	char **names = NULL;
	size_t count = 0;
	int result = fs_list_dir(fd, &names, &count, err);

	if (result < 0 && is_removed(fd)) {
		return 0;
	}
	for (size_t i = 0; i < count && result == 0; i++) {
		result = remove_entry(removal, fd, names[i], depth, err);
	}
	free(names);
	return result;
}

int
fs_remove_at(int dirfd, const char *path, struct err *err)
{
	return fs_remove_counted_at(dirfd, path, NULL, err);
}

int
fs_remove_counted_at(int dirfd, const char *path, uint64_t *freed, struct err *err)
{
	struct removal removal = {.top = -1, .freed = freed};

	if (unlink_any(&removal, dirfd, path) == 0 || errno == ENOENT) {
		return 0;
	}
	if (errno != ENOTEMPTY && errno != EEXIST && errno != EACCES) {
		return err_set(err, errno, "remove '%s'", path);
	}
	cleanup_fd int fd = open_to_empty(dirfd, path);
	if (fd < 0) {
		return removal_failure(path, err);
	}
	removal.top = fd;
	/* What was moved aside for its depth is found by the next round; each round gets deeper. */
	for (;;) {
		unsigned long before = removal.moved;
		if (remove_below(&removal, fd, 0, err) < 0) {
			return err_wrap(err, "in '%s'", path);
		}
		if (removal.moved == before) {
			break;
		}
	}
	return unlink_counted(&removal, dirfd, path, AT_REMOVEDIR) < 0 ? removal_failure(path, err)
								       : 0;
}
