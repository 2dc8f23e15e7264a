/* SPDX-License-Identifier: MIT */
#include "store/disk.h"

#include "base/err.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Where an open file or directory lies; "" where that can't be found out. */
static void
find_path(int fd, char path[static PATH_MAX])
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, path, PATH_MAX - 1);
	path[length > 0 ? length : 0] = '\0';
}

int
disk_explain(int fd, struct err *err)
{
	char path[PATH_MAX];
	struct statvfs disk;

	if (!err || (err->number != ENOSPC && err->number != EDQUOT) || fstatvfs(fd, &disk) < 0) {
		return -1;
	}
	find_path(fd, path);
	return err_hint(err,
		"%" PRIu64 " MiB and %" PRIu64 " inodes are free on the file system of '%s': make "
		"room there, or use another one (BRUN_STORE, -o)",
		(uint64_t)disk.f_bavail * disk.f_frsize >> 20, (uint64_t)disk.f_favail, path);
}

/* Set aside, not removed: that works on a directory without write permission, and it leaves the
 * modes of files alone, which other trees may share. */
int
disk_explain_damage(int fd, struct err *err)
{
	char path[PATH_MAX];

	find_path(fd, path);
	return err_hint(err,
		"the store's copy is damaged; it is made anew by the next build once it is "
		"out of the way: mv '%s' '%s.damaged'",
		path, path);
}
