/* SPDX-License-Identifier: MIT */
/* Tries: to read the environment, the memory, the descriptors and more of pid 1, which is a copy of
 * the runner.
 * Must be seen: not one byte.
 * Known from: proc(5), ptrace(2): a process that dropped its capabilities and stayed dumpable shows
 * all of that to its user. */
#include "../attack.h"
#include "../inside.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

ATTACK()
{
	static const char *const names[] = {"environ", "mem", "maps", "smaps", "auxv", "stack",
		"syscall", "personality", "io", "fdinfo/0", "fd/1", "fd/3", "numa_maps", "pagemap",
		"timers", "map_files"};
	char path[64], link[4096];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "/proc/1/%s", names[i]);
		must_fail(show(path) > 0 ? 0 : -1, "read %s", path);
	}
	must_fail(readlink("/proc/1/exe", link, sizeof(link)), "see pid 1's program");
	must_fail(readlink("/proc/1/cwd", link, sizeof(link)), "see pid 1's directory");
	must_fail(readlink("/proc/1/ns/mnt", link, sizeof(link)), "see pid 1's namespaces");
	DIR *list = opendir("/proc/1/fd");
	for (struct dirent *entry; list && (entry = readdir(list)) != NULL;) {
		/* their numbers show where root runs brun; what they are does not */
		must_fail(entry->d_name[0] == '.'
				  ? -1
				  : readlinkat(dirfd(list), entry->d_name, link, sizeof(link)),
			"see what descriptor %s is", entry->d_name);
	}
	must_fail(open("/proc/1/clear_refs", O_WRONLY), "write to clear_refs");
	must_fail(open("/proc/1/coredump_filter", O_WRONLY), "write to coredump_filter");
}
