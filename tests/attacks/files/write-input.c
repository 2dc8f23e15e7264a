/* SPDX-License-Identifier: MIT */
/* Tries: to write into an input in a dozen ways, by path and by descriptor.
 * Must be seen: an error each time; bytes, modes, times and attributes of the tree as they were.
 * Known from: mount(2): MS_BIND with MS_RDONLY in one call leaves the mount writable; the step has
 * the uid of the store's owner, so modes protect nothing. */
#include "../attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

ATTACK()
{
	const struct timespec times[2] = {{1, 0}, {1, 0}};
	int fd = open("/brun/file", O_RDONLY);
	char own[32];

	must_be(fd >= 0, "/brun/file can be read");
	snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
	must_fail(open("/brun/file", O_WRONLY), "open for writing");
	must_fail(open(own, O_RDWR), "open for writing through /proc/self/fd");
	must_fail(open("/brun/new", O_WRONLY | O_CREAT, 0644), "create");
	must_fail(open("/brun", O_TMPFILE | O_RDWR, 0644), "O_TMPFILE");
	must_fail(truncate("/brun/file", 0), "truncate");
	must_fail(unlink("/brun/file"), "unlink");
	must_fail(rename("/brun/file", "/brun/other"), "rename");
	must_fail(rename("/build", "/brun/dir"), "rename over");
	must_fail(mkdir("/brun/more", 0755), "mkdir");
	must_fail(symlink("x", "/brun/more"), "symlink");
	must_fail(chmod("/brun/file", 0777), "chmod");
	must_fail(fchmod(fd, 0777), "fchmod");
	must_fail(chmod("/brun", 0777), "chmod of its root");
	must_fail(utimensat(AT_FDCWD, "/brun/file", times, 0), "utimensat");
	must_fail(futimens(fd, times), "futimens");
	must_fail(setxattr("/brun/file", "user.x", "y", 1, 0), "setxattr");
	must_fail(fsetxattr(fd, "user.x", "y", 1, 0), "fsetxattr");
	must_fail(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0,
		"mmap for writing");
	must_fail(fallocate(fd, 0, 0, 4096), "fallocate");
}
