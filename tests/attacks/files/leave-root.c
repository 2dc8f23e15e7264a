/* SPDX-License-Identifier: MIT */
/* Tries: to climb out of the root by '..', by a directory descriptor and chroot, by /proc.
 * Must be seen: the same root, or an error; nothing outside is opened.
 * Known from: chroot(2), NOTES; CVE-2024-21626 (a working directory that leads outside). */
#include "../attack.h"
#include "../inside.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_root(const char *path)
{
	struct stat root, other;

	return stat("/", &root) == 0 && stat(path, &other) == 0 && root.st_ino == other.st_ino &&
	       root.st_dev == other.st_dev;
}

ATTACK()
{
	char path[4200];
	int top = open("/", O_RDONLY | O_DIRECTORY);

	must_be(is_root("/../.."), "'/../..' is '/'");
	must_be(is_root("/proc/self/root/.."), "and so it is by /proc");
	must_be(is_root("/proc/self/cwd/../../.."), "and from the working directory");
	must_fail(chroot("/build"), "chroot");
	must_be(fchdir(top) == 0 && chdir("..") == 0 && is_root("."), "and by descriptor");
	must_be(is_root("/proc/1/root/.") ? !attack_is_ours() : access("/proc/1/root/.", F_OK) < 0,
		"no other root by /proc/1/root");
	must_be(!attack_is_ours() || access("/proc/1/cwd/.", F_OK) < 0, "nor by /proc/1/cwd");
	snprintf(path, sizeof(path), "../../../../../../..%s/canary/open", told("dir"));
	must_fail(open(path, O_RDONLY), "open a file outside");
}
