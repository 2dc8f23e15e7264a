/* SPDX-License-Identifier: MIT */
/* Tries: to change its own script, the root directory, and the directories that mounts lie on.
 * Must be seen: an error each time.
 * Known from: CVE-2024-23652 (BuildKit removed, outside, what a step had put in the place of an
 * empty directory). */
#include "../attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

ATTACK()
{
	static const char *const points[] = {
		"/build", "/dest", "/tmp", "/proc", "/dev", "/sys", "/brun", "/dev/shm"};

	must_fail(open("/script", O_WRONLY), "write the script");
	must_fail(unlink("/script"), "remove the script");
	must_fail(mkdir("/new", 0755), "a directory in the root");
	must_fail(symlink("/etc", "/new"), "a link in the root");
	must_fail(chmod("/", 0777), "chmod the root");
	for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++) {
		/* /dev/shm may lie on a file system of the step's own */
		must_fail(i == 7 && !attack_is_ours() ? -1 : rmdir(points[i]), "remove %s",
			points[i]);
		must_fail(rename(points[i], "/other"), "rename %s", points[i]);
	}
	must_fail(rename("/build", "/dest/build"), "exchange mounts");
}
