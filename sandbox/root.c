/* SPDX-License-Identifier: MIT */
#include "root.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int
root_isolate(void)
{
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

int
root_begin(void)
{
	/* Over "/" itself: the one directory that every host has. Path look-up of "/" starts below
	 * what is mounted there, so the old root stays in use; "/.." comes out on top of it. */
	if (mount("tmpfs", "/", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=64m") < 0) {
		return -1;
	}
	return open("/..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int
root_seal(int root)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", root);
	return mount(
		NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL);
}

/* "/.." is on top of all that is mounted over "/": the same place, unless something was left
 * there. */
static bool
is_alone(void)
{
	struct stat root, top;

	return stat("/", &root) == 0 && stat("/..", &top) == 0 && root.st_dev == top.st_dev &&
	       root.st_ino == top.st_ino;
}

int
root_enter(int root)
{
	cleanup_fd int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	/* pivot_root(2), NOTES: the old root ends up on top of the new one, and is then
	 * detached. */
	if (old < 0 || fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
		fchdir(old) < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0) {
		return -1;
	}
	if (!is_alone()) {
		errno = EBUSY;
		return -1;
	}
	return 0;
}
