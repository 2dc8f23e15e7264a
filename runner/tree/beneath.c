/* SPDX-License-Identifier: MIT */
#include "tree/beneath.h"

#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* openat2(2) is missing before Linux 5.6, and older container filters answer EPERM. */
static int
open_by_component(int root, const char *path, int flags)
{
	cleanup_free char *copy = mem_strdup(path);
	cleanup_fd int held = -1;
	char *name = copy;

	for (char *slash; (slash = strchr(name, '/')) != NULL; name = slash + 1) {
		*slash = '\0';
		int next = openat(held < 0 ? root : held, name,
			O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		fs_close_slot(&held);
		held = next;
		if (held < 0) {
			return -1;
		}
	}
	return openat(held < 0 ? root : held, name, flags);
}

int
beneath_open(int root, const char *path, int flags)
{
	flags |= O_CLOEXEC | O_NOFOLLOW;
	struct open_how how = {.flags = (unsigned)flags,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

	if (fd < 0 && (errno == ENOSYS || errno == EPERM || errno == EACCES || errno == EAGAIN)) {
		return open_by_component(root, path, flags);
	}
	return fd;
}

/* Gives the owner rwx (directory) or rw (file), whatever the mode was. A link is refused. */
static int
unlock(int root, const char *path)
{
	char name[64];
	struct stat st;
	cleanup_fd int fd = beneath_open(root, path, O_PATH);

	if (fd < 0 || fstat(fd, &st) < 0) {
		return -1;
	}
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) {
		errno = ELOOP;
		return -1;
	}
	/* fchmod(2) refuses O_PATH descriptors; their /proc name leads to the same inode. */
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return chmod(name, (st.st_mode & 0777) | (S_ISDIR(st.st_mode) ? 0700 : 0600));
}

int
beneath_open_closed(int root, const char *path, int flags)
{
	struct stat st;
	int fd = beneath_open(root, path, flags);

	if (fd < 0 && errno == EACCES && unlock(root, path) == 0) {
		fd = beneath_open(root, path, flags);
	}
	/* Readable is not enough: names must be looked up in it, and may be moved out of it. */
	if (fd >= 0 && (flags & O_DIRECTORY) && fstat(fd, &st) == 0 &&
		(st.st_mode & 0700) != 0700) {
		(void)fchmod(fd, (st.st_mode & 0777) | 0700);
	}
	return fd;
}
