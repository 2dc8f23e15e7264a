/* SPDX-License-Identifier: MIT */
#include "tree/seal.h"

#include "base/err.h"
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* One second after the epoch: 0 reads as "no time" to some programs. */
static const struct timespec sealed_times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

int
seal_file(int fd, enum tree_type type, struct err *err)
{
	if (fchmod(fd, type == TREE_PROGRAM ? 0555 : 0444) < 0) {
		return err_set(err, errno, "chmod");
	}
	return futimens(fd, sealed_times) < 0 ? err_set(err, errno, "set time") : 0;
}

int
seal_link(int dirfd, const char *path, const char *target, struct err *err)
{
	if (symlinkat(target, dirfd, path) < 0) {
		return err_set(err, errno, "symlink");
	}
	return utimensat(dirfd, path, sealed_times, AT_SYMLINK_NOFOLLOW) < 0
		       ? err_set(err, errno, "set time")
		       : 0;
}

int
seal_root(int fd, struct err *err)
{
	if (fchmod(fd, 0555) < 0) {
		return err_set(err, errno, "chmod");
	}
	return futimens(fd, sealed_times) < 0 ? err_set(err, errno, "set time") : 0;
}

int
seal_dirs(int fd, const struct tree *tree, struct err *err)
{
	for (size_t i = tree->count; i-- > 0;) {
		if (tree->entries[i].type != TREE_DIR) {
			continue;
		}
		cleanup_fd int dir = fs_open_dir(fd, tree->entries[i].path, err);
		if (dir < 0 || seal_root(dir, err) < 0) {
			return -1;
		}
	}
	return 0;
}
