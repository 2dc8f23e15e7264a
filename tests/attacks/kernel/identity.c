/* SPDX-License-Identifier: MIT */
/* Tries: to become root, another user, a member of other groups.
 * Must be seen: an error each time; all ids are 1000, and neither the step nor its first process
 * has a group of the caller's, who has one.
 * Known from: credentials(7), user_namespaces(7): "deny" in /proc/PID/setgroups. */
#include "../attack.h"
#include "../inside.h"

#include <grp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

/* proc(5): "Groups:" and numbers; nothing, or the own one again. */
static bool
has_others(const char *status)
{
	char line[4096];
	bool has_any = true;
	FILE *from = fopen(status, "re");

	while (from && fgets(line, sizeof(line), from)) {
		if (strncmp(line, "Groups:", 7) == 0) {
			has_any = strspn(line + 7, "\t \n") != strlen(line + 7) &&
				  strcmp(line + 7, "\t1000 \n") != 0;
		}
	}
	if (from) {
		fclose(from);
	}
	return has_any;
}

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
	if (!attack_is_ours() || !attack_has_held()) {
		return;
	}
	if (strcmp(told("groups"), "left") != 0) {
		cannot_tell(told("groups"));
	}
	must_be(count == 0 || (count == 1 && groups[0] == getgid()),
		"the caller's groups were left");
	must_be(!has_others("/proc/self/status"), "the kernel says so, too");
	must_be(!has_others("/proc/1/status"), "the first process has left them, too");
}
