/* SPDX-License-Identifier: MIT */
/* Tries: to enter namespaces by descriptor, and to get at their parents by ioctl.
 * Must be seen: EPERM.
 * Known from: setns(2), ioctl_nsfs(2): NS_GET_USERNS and NS_GET_PARENT give descriptors of
 * namespaces above. */
#include "../attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK()
{
	static const char *const kinds[] = {
		"user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		char path[64];
		snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i]);
		int own = open(path, O_RDONLY);
		must_fail_with(EPERM, setns(own, 0), kinds[i]);
		must_fail(open(path, O_WRONLY), "open %s for writing", path);
		snprintf(path, sizeof(path), "/proc/1/ns/%s", kinds[i]);
		must_fail(attack_is_ours() ? open(path, O_RDONLY) : -1, "open %s", path);
	}
	must_fail(ioctl(open("/proc/self/ns/user", O_RDONLY), NS_GET_PARENT), "the parent of user");
	must_fail(ioctl(open("/proc/self/ns/pid", O_RDONLY), NS_GET_PARENT), "the parent of pid");
	must_fail_with(
		EPERM, setns((int)syscall(SYS_pidfd_open, getpid(), 0), CLONE_NEWNS), "by pidfd");
}
