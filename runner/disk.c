/* SPDX-License-Identifier: MIT */
#include "disk.h"

#include "base/err.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

int
disk_explain(int fd, struct err *err)
{
	char link[64], path[PATH_MAX] = "";
	struct statvfs disk;

	if (!err || (err->number != ENOSPC && err->number != EDQUOT) || fstatvfs(fd, &disk) < 0) {
		return -1;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, path, sizeof(path) - 1);
	if (length > 0) {
		path[length] = '\0';
	}
	return err_hint(err,
		"%" PRIu64 " MiB and %" PRIu64 " inodes are free on the file system of '%s': make "
		"room there, or use another one (BRUN_STORE, -o)",
		(uint64_t)disk.f_bavail * disk.f_frsize >> 20, (uint64_t)disk.f_favail, path);
}
