/* SPDX-License-Identifier: MIT */
/* Tries: to read what /proc tells about the host: its memory, keys, log, timers, slabs.
 * Must be seen: nothing in there.
 * Known from: proc(5): root's step passes the modes of these files; CVE-2019-16884 and
 * CVE-2025-31133 (masks that could be led elsewhere). */
#include "../attack.h"
#include "../inside.h"

#include <dirent.h>
#include <stdio.h>

ATTACK()
{
	static const char *const files[] = {"kcore", "keys", "key-users", "kmsg", "timer_list",
		"timer_stats", "sched_debug", "latency_stats", "slabinfo", "vmallocinfo",
		"pagetypeinfo", "kpageflags", "kpagecount", "kpagecgroup", "iomem", "ioports",
		"interrupts", "softirqs", "mtrr", "vmcore"};
	static const char *const dirs[] = {"acpi", "bus", "irq", "scsi", "asound", "pressure"};
	char path[64];

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "/proc/%s", files[i]);
		must_fail(show(path) > 0 ? 0 : -1, "read %s", path);
	}
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		snprintf(path, sizeof(path), "/proc/%s", dirs[i]);
		DIR *list = opendir(path);
		for (struct dirent *entry; list && (entry = readdir(list)) != NULL;) {
			must_fail(entry->d_name[0] == '.' ? -1 : 0, "see %s in %s", entry->d_name,
				path);
		}
	}
}
