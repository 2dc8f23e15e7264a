/* SPDX-License-Identifier: MIT */
/* Tries: to find a descriptor of the caller's: one of a directory outside, of a file open for
 * writing, of a socket.
 * Must be seen: none from 3 up, and no way by /proc/self/fd.
 * Known from: CVE-2024-21626 (runc left a descriptor of a directory open), CVE-2016-9962. */
#include "../attack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

ATTACK()
{
	DIR *list = opendir("/proc/self/fd");

	for (int fd = 3; fd < 65536; fd++) {
		if (fd != dirfd(list)) {
			must_fail_with(EBADF, fcntl(fd, F_GETFD), "a descriptor of the caller's");
		}
	}
	for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
		int fd = atoi(entry->d_name);
		must_be(fd < 3 || fd == dirfd(list), "/proc/self/fd has no more");
	}
	must_fail(open("/proc/self/fd/50/secret", O_RDONLY), "a file of the leaked directory");
	must_fail(write(51, "vandal", 6), "write to the leaked file");
	must_fail(access("/proc/self/fd/0/..", F_OK), "stdin is a directory");
}
