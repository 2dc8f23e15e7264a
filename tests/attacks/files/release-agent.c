/* SPDX-License-Identifier: MIT */
/* Tries: to reach the host's control groups, to mount one and have the kernel run a program when it
 * empties.
 * Must be seen: no cgroup file system, and none to be had.
 * Known from: CVE-2022-0492 (release_agent asked for no capability of the host's). */
#include "../attack.h"

#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

ATTACK()
{
	char line[256] = "";
	FILE *own = fopen("/proc/self/cgroup", "re");

	must_fail(access("/sys/fs/cgroup", F_OK), "see /sys/fs/cgroup");
	must_fail(mount("cgroup", "/build", "cgroup", 0, "memory"), "mount cgroup");
	must_fail(mount("cgroup2", "/build", "cgroup2", 0, NULL), "mount cgroup2");
	must_fail(attack_is_ours() ? unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP) : -1,
		"namespaces for it");
	while (own && fgets(line, sizeof(line), own)) {
		must_be(line[0] != '0' || (line[1] == ':' && line[2] == ':' && line[3] == '/' &&
						  line[4] == '\n'),
			"its own control group looks like the top");
	}
}
