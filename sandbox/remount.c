/* SPDX-License-Identifier: MIT */
#include "remount.h"

#include "mount.h"
#include "target.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* A locked flag must be named again, or the remount is refused (mount_namespaces(7)). */
static unsigned long
flags_now(int fd)
{
	static const struct {
		unsigned long of_statvfs, of_mount;
	} pairs[] = {
		{ST_RDONLY, MS_RDONLY},
		{ST_NODEV, MS_NODEV},
		{ST_NOEXEC, MS_NOEXEC},
		{ST_NOATIME, MS_NOATIME},
		{ST_NODIRATIME, MS_NODIRATIME},
		{ST_RELATIME, MS_RELATIME},
	};
	struct statvfs fs;
	unsigned long flags = 0;

	if (fstatvfs(fd, &fs) < 0) {
		return 0;
	}
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		flags |= fs.f_flag & pairs[i].of_statvfs ? pairs[i].of_mount : 0;
	}
	return flags;
}

static int
remount_one(int fd, unsigned flags)
{
	unsigned long wanted = MS_REMOUNT | MS_BIND | MS_NOSUID | flags_now(fd);
	char path[32];

	wanted |= flags & MOUNT_READ_ONLY ? MS_RDONLY : 0;
	wanted |= flags & MOUNT_NO_DEVICES ? MS_NODEV : 0;
	wanted |= flags & MOUNT_NO_EXEC ? MS_NOEXEC : 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return mount(NULL, path, NULL, wanted, NULL);
}

/* The id of the mount that fd lies on; -1 where it can't be read. */
static long
mount_id(int fd)
{
	char path[48], text[512];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	cleanup_fd int info = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = info < 0 ? -1 : read(info, text, sizeof(text) - 1);
	if (got < 0) {
		return -1;
	}
	text[got] = '\0';
	const char *at = strstr(text, "mnt_id:");
	return at ? strtol(at + 7, NULL, 10) : -1;
}

/* The fifth field of a line of mountinfo, \ooo undone in place. */
static char *
mount_point(char *line)
{
	for (int field = 0; field < 4 && line; field++) {
		line = strchr(line, ' ');
		line = line ? line + 1 : NULL;
	}
	if (!line) {
		return NULL;
	}
	char *to = line;
	for (const char *from = line; *from && *from != ' ';) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 |
				       (from[3] - '0'));
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	return line;
}

static bool
is_below(const char *path, const char *top)
{
	size_t length = strlen(top);

	return strncmp(path, top, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* The old root's mounts are in the list under the same names: the id tells them apart. */
static int
remount_line(int root, char *line, const char *target, unsigned flags)
{
	const long id = strtol(line, NULL, 10);
	const char *path = mount_point(line);

	if (!path || !is_below(path, target)) {
		return 0;
	}
	cleanup_fd int fd = target_open_existing(root, path);
	return fd < 0 || mount_id(fd) != id ? 0 : remount_one(fd, flags);
}

int
remount_below(int root, const char *target, unsigned flags)
{
	char text[4 * PATH_MAX];
	size_t length = 0;
	cleanup_fd int list = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);

	if (list < 0) {
		return -1;
	}
	for (;;) {
		ssize_t got = read(list, text + length, sizeof(text) - 1 - length);
		if (got <= 0) {
			return got < 0 ? -1 : 0;
		}
		length += (size_t)got;
		text[length] = '\0';
		char *line = text;
		for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
			*end = '\0';
			if (remount_line(root, line, target, flags) < 0) {
				return -1;
			}
		}
		if (line == text && length == sizeof(text) - 1) {
			/* What is not read is not restricted. */
			errno = ENAMETOOLONG;
			return -1;
		}
		length -= (size_t)(line - text);
		memmove(text, line, length);
	}
}
