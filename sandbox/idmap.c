/* SPDX-License-Identifier: MIT */
#include "idmap.h"

#include "privileges.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
write_file(pid_t pid, const char *name, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		return -1;
	}
	return write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

static int
write_map(pid_t pid, const char *name, unsigned inside, unsigned outside)
{
	char line[64];

	snprintf(line, sizeof(line), "%u %u 1\n", inside, outside);
	return write_file(pid, name, line);
}

int
idmap_write(pid_t pid)
{
	if (write_map(pid, "uid_map", PRIVILEGES_ID, geteuid()) < 0) {
		return -1;
	}
	/* With CAP_SETGID this works as it is, and the child can drop its groups. Without, only
	 * after setgroups(2) was given up (user_namespaces(7)). */
	if (write_map(pid, "gid_map", PRIVILEGES_ID, getegid()) == 0) {
		return 0;
	}
	if (errno != EPERM || write_file(pid, "setgroups", "deny") < 0) {
		return -1;
	}
	return write_map(pid, "gid_map", PRIVILEGES_ID, getegid());
}

int
idmap_write_own_user(pid_t pid)
{
	return write_map(pid, "uid_map", geteuid(), geteuid());
}
