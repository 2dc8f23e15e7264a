/* SPDX-License-Identifier: MIT */
#include "pids.h"

#include "base/fs.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Before 6.14 the same file sets the limit of the whole machine. */
static bool
is_pid_max_ours(void)
{
	struct utsname name;
	char *end;

	if (uname(&name) < 0) {
		return false;
	}
	unsigned long major = strtoul(name.release, &end, 10);
	unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	return major > 6 || (major == 6 && minor >= 14);
}

void
pids_limit(uint64_t processes)
{
	/* RESERVED_PIDS (kernel/pid.c): once the numbers have wrapped, those below are not used. */
	const uint64_t reserved = 300, most = 4194304;
	char line[32];

	if (processes > most - reserved || !is_pid_max_ours()) {
		return;
	}
	snprintf(line, sizeof(line), "%llu\n", (unsigned long long)(processes + reserved));
	cleanup_fd int fd = open("/proc/sys/kernel/pid_max", O_WRONLY | O_CLOEXEC);
	ssize_t ignored = fd < 0 ? 0 : write(fd, line, strlen(line));
	(void)ignored;
}
