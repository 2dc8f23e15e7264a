/* SPDX-License-Identifier: MIT */
#include "mount.h"

#include "remount.h"
#include "target.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* open_tree(2), move_mount(2), mount_setattr(2). C libraries and kernel headers disagree about who
 * declares these; the numbers are the same on every architecture. */
enum {
	NR_OPEN_TREE = 428,
	NR_MOVE_MOUNT = 429,
	NR_MOUNT_SETATTR = 442,
	TREE_CLONE = 1,
	TREE_RECURSIVE = 0x8000,
	MOVE_FROM_EMPTY = 0x4,
	MOVE_TO_EMPTY = 0x40,
	ATTRIBUTE_RDONLY = 0x1,
	ATTRIBUTE_NOSUID = 0x2,
	ATTRIBUTE_NODEV = 0x4,
	ATTRIBUTE_NOEXEC = 0x8,
};

struct attributes {
	uint64_t set, clear, propagation, userns_fd;
};

/* Only adds restrictions: flags that are locked (mount_namespaces(7)) stay as they are. */
static int
restrict_tree(int tree, unsigned flags)
{
	struct attributes attributes = {.set = ATTRIBUTE_NOSUID};

	attributes.set |= flags & MOUNT_READ_ONLY ? ATTRIBUTE_RDONLY : 0;
	attributes.set |= flags & MOUNT_NO_DEVICES ? ATTRIBUTE_NODEV : 0;
	attributes.set |= flags & MOUNT_NO_EXEC ? ATTRIBUTE_NOEXEC : 0;
	return (int)syscall(NR_MOUNT_SETATTR, tree, "", AT_EMPTY_PATH | TREE_RECURSIVE, &attributes,
		sizeof(attributes));
}

/* mount_copy; *ret_type: S_IFDIR, or S_IFREG for all else. */
static int
copy_tree(int dirfd, const char *path, unsigned flags, mode_t *ret_type)
{
	struct stat st;
	cleanup_fd int tree = (int)syscall(NR_OPEN_TREE, dirfd, path,
		TREE_CLONE | TREE_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | O_CLOEXEC);

	if (tree < 0 || fstat(tree, &st) < 0) {
		return -1;
	}
	if (S_ISLNK(st.st_mode)) {
		errno = ELOOP;
		return -1;
	}
	*ret_type = S_ISDIR(st.st_mode) ? S_IFDIR : S_IFREG;
	return restrict_tree(tree, flags) < 0 ? -1 : steal_fd(tree);
}

int
mount_copy(int dirfd, const char *path, unsigned flags)
{
	mode_t type;

	return copy_tree(dirfd, path, flags, &type);
}

int
mount_attach(int tree, int target)
{
	return (int)syscall(NR_MOVE_MOUNT, tree, "", target, "", MOVE_FROM_EMPTY | MOVE_TO_EMPTY);
}

/* In three steps, as it was done before open_tree and mount_setattr: between the first and the last
 * the mount is writable, but nobody is there yet to write. */
static enum stage
bind_step_by_step(int root, const char *target, int dirfd, const char *path, unsigned flags)
{
	char from[32], to[32];
	struct stat st;
	cleanup_fd int source = openat(dirfd, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (source < 0 || fstat(source, &st) < 0) {
		return STAGE_SOURCE;
	}
	if (S_ISLNK(st.st_mode)) {
		errno = ELOOP;
		return STAGE_SOURCE;
	}
	cleanup_fd int place = target_open(root, target, S_ISDIR(st.st_mode) ? S_IFDIR : S_IFREG);
	if (place < 0) {
		return STAGE_TARGET;
	}
	snprintf(from, sizeof(from), "/proc/self/fd/%d", source);
	snprintf(to, sizeof(to), "/proc/self/fd/%d", place);
	return mount(from, to, NULL, MS_BIND | MS_REC, NULL) < 0 ||
			       remount_below(root, target, flags) < 0
		       ? STAGE_BIND
		       : STAGE_DONE;
}

enum stage
mount_bind(int root, const char *target, int dirfd, const char *path, unsigned flags)
{
	mode_t type;
	cleanup_fd int tree = copy_tree(dirfd, path, flags, &type);

	/* EPERM is what some containers' filters answer to what they don't know, EACCES what a
	 * security module may say. */
	if (tree < 0 && (errno == ENOSYS || errno == EPERM || errno == EACCES)) {
		return bind_step_by_step(root, target, dirfd, path, flags);
	}
	if (tree < 0) {
		return STAGE_SOURCE;
	}
	cleanup_fd int place = target_open(root, target, type);
	if (place < 0) {
		return STAGE_TARGET;
	}
	return mount_attach(tree, place) < 0 ? STAGE_BIND : STAGE_DONE;
}

int
mount_new(const char *type, int target, unsigned long flags, const char *options)
{
	char path[32];

	/* The magic link leads to the very place that was opened, whatever its name is now. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", target);
	return mount(type, path, type, flags, options);
}
