/* SPDX-License-Identifier: MIT */
#include "replace.h"

#include "err.h"
#include "fs.h"
#include "mem.h"
#include "random.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static int
sync_file(int dirfd, const char *path, struct err *err)
{
	cleanup_fd int fd = openat(dirfd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? err_set(err, errno, "sync '%s'", path) : 0;
}

static int
replace(int dirfd, const char *path, const char *sibling, bool is_synced, mode_t mode,
	const void *data, size_t length, struct err *err)
{
	int result = fs_create_at(dirfd, sibling, mode, data, length, err);

	if (result == 0 && is_synced) {
		result = sync_file(dirfd, sibling, err);
	}
	if (result == 0 && renameat(dirfd, sibling, dirfd, path) < 0) {
		result = err_set(err, errno, "rename to '%s'", path);
	}
	if (result < 0) {
		(void)unlinkat(dirfd, sibling, 0);
	}
	return result;
}

static char *
sibling_of(const char *path)
{
	return mem_printf("%s.%016" PRIx64 ".tmp", path, random_number());
}

int
replace_file(
	int dirfd, const char *path, mode_t mode, const void *data, size_t length, struct err *err)
{
	cleanup_free char *sibling = sibling_of(path);

	return replace(dirfd, path, sibling, false, mode, data, length, err);
}

int
replace_file_synced(int dirfd, const char *path, const char *sibling, mode_t mode, const void *data,
	size_t length, struct err *err)
{
	cleanup_free char *own = sibling ? NULL : sibling_of(path);

	return replace(dirfd, path, sibling ? sibling : own, true, mode, data, length, err);
}
