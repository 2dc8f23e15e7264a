/* SPDX-License-Identifier: MIT */
#include "target.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

bool
target_is_valid(const char *path)
{
	return path && path[0] == '/' && strlen(path) < PATH_MAX && fs_is_clean_relative(path + 1);
}

bool
target_is_own(int root, int fd)
{
	struct stat own, other;

	return fstat(root, &own) == 0 && fstat(fd, &other) == 0 && own.st_dev == other.st_dev;
}

/* openat2(2), Linux 5.6: the whole path in one call. Its mounts are crossed, symlinks are not. */
static int
open_at_once(int root, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

static int
make_component(int root, int dir, const char *name, mode_t type)
{
	if (!target_is_own(root, dir)) {
		errno = EROFS;
		return -1;
	}
	if (type == S_IFDIR) {
		return mkdirat(dir, name, 0755);
	}
	cleanup_fd int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	return fd < 0 ? -1 : 0;
}

/* Opens one component of a path, makes it where it is missing (if there is a type); a symlink is
 * ELOOP. */
static int
open_component(int root, int dir, const char *name, mode_t type)
{
	struct stat st;
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && type && make_component(root, dir, name, type) == 0) {
		fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode)) {
		close(fd);
		errno = ELOOP;
		return -1;
	}
	return fd;
}

/* Walks the first `length` bytes of path, component by component. */
static int
walk(int root, const char *path, size_t length, mode_t type)
{
	cleanup_fd int dir = openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *end = path + length;

	while (dir >= 0 && path < end) {
		char name[NAME_MAX + 1];
		path += *path == '/';
		size_t size = strcspn(path, "/");
		if (size >= sizeof(name)) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(name, path, size);
		name[size] = '\0';
		path += size;
		int next = open_component(root, dir, name, path < end && type ? S_IFDIR : type);
		fs_close_slot(&dir);
		dir = next;
	}
	return steal_fd(dir);
}

/* The common case of what is missing: only the last component is. -1 and ENOENT where more is. */
static int
make_last(int root, const char *path, mode_t type)
{
	char parent[PATH_MAX];
	const char *name = strrchr(path, '/') + 1;
	size_t length = (size_t)(name - path);

	memcpy(parent, path, length);
	parent[length] = '\0';
	cleanup_fd int dir = open_at_once(root, parent);
	if (dir < 0 || make_component(root, dir, name, type) < 0) {
		return -1;
	}
	return openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

int
target_open(int root, const char *path, mode_t mode)
{
	int fd = open_at_once(root, path);

	if (fd < 0 && errno == ENOENT) {
		fd = make_last(root, path, mode);
	}
	/* ENOSYS: an older kernel. EPERM: some containers' filters answer so to what they don't
	 * know. The walk does the same, and makes all that is missing. */
	if (fd < 0 && (errno == ENOENT || errno == ENOSYS || errno == EPERM || errno == EACCES ||
			      errno == EAGAIN)) {
		return walk(root, path, strlen(path), mode);
	}
	return fd;
}

int
target_open_existing(int root, const char *path)
{
	return walk(root, path, strlen(path), 0);
}

int
target_open_parent(int root, const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');

	*ret_name = slash + 1;
	return walk(root, path, (size_t)(slash - path), S_IFDIR);
}
