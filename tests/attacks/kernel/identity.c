/* SPDX-License-Identifier: MIT */
/* Tries: to become root, another user, a member of other groups.
 * Must be seen: an error each time; all ids are 1000.
 * Known from: credentials(7), user_namespaces(7): "deny" in /proc/PID/setgroups. */
#include "../attack.h"

#include <grp.h>
#include <stddef.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK()
{
	gid_t groups[64];

	must_be(!attack_is_ours() || (getuid() == 1000 && geteuid() == 1000 && getgid() == 1000 &&
					     getegid() == 1000),
		"all ids are 1000");
	must_fail(getuid() == 0 ? 0 : setuid(0), "be root");
	must_fail(getuid() == 0 ? 0 : setresuid(0, 0, 0), "be root");
	must_fail(setreuid(65534, 65534), "setreuid(65534)");
	must_fail(getgid() == 0 ? 0 : setgid(0), "be of root's group");
	must_fail(setresgid(65534, 65534, 65534), "setresgid(65534)");
	must_fail(syscall(SYS_setgroups, 1, (gid_t[]){0}), "setgroups");
	must_fail(syscall(SYS_setgroups, 0, NULL), "giving up all groups");
	setfsuid(0);
	must_be(setfsuid((uid_t)-1) != 0, "setfsuid(0) changes nothing");
	int count = getgroups(64, groups);
	for (int i = 0; i < count; i++) {
		must_be(groups[i] == getgid() || groups[i] == 65534,
			"there is no known other group");
	}
}
