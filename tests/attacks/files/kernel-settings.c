/* SPDX-License-Identifier: MIT */
/* Tries: to open every file of /proc/sys for writing, core_pattern above all.
 * Must be seen: an error each time; the host's settings as they were.
 * Known from: CVE-2022-0811 (core_pattern set from a container); sysctl asks for the kernel's root
 * uid and for no capability. */
#include "../attack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What a namespace has for itself. */
static bool
is_of_namespace(const char *path)
{
	static const char *const names[] = {"/proc/sys/fs/mqueue", "/proc/sys/net",
		"/proc/sys/user", "/proc/sys/kernel/msg", "/proc/sys/kernel/sem",
		"/proc/sys/kernel/shm", "/proc/sys/kernel/auto_msgmni",
		"/proc/sys/kernel/ns_last_pid", "/proc/sys/kernel/pid_max",
		"/proc/sys/kernel/hostname", "/proc/sys/kernel/domainname"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strncmp(path, names[i], strlen(names[i])) == 0) {
			return true;
		}
	}
	return false;
}

/* Opens all below dir for writing; what opens is a hole. */
static void
open_all(const char *dir)
{
	DIR *list = opendir(dir);

	for (struct dirent *entry; list && (entry = readdir(list)) != NULL;) {
		char path[4096];
		snprintf(path, sizeof(path), "%.2000s/%.255s", dir, entry->d_name);
		if (entry->d_name[0] == '.' || (!attack_is_ours() && is_of_namespace(path))) {
			continue;
		}
		if (entry->d_type == DT_DIR) {
			open_all(path);
		} else {
			must_fail(open(path, O_WRONLY | O_NONBLOCK), "open %s for writing", path);
		}
	}
	if (list) {
		closedir(list);
	}
}

ATTACK()
{
	open_all("/proc/sys");
	must_fail(open("/proc/sys/kernel/core_pattern", O_WRONLY), "open core_pattern");
	must_fail(open("/proc/sys/kernel/modprobe", O_WRONLY), "open modprobe");
	must_fail(open("/proc/sysrq-trigger", O_WRONLY), "open sysrq-trigger");
	must_fail(open("/proc/latency_stats", O_WRONLY), "open latency_stats");
}
