/* SPDX-License-Identifier: MIT */
/* Tries: to open performance counters, of itself and of all.
 * Must be seen: EPERM.
 * Known from: CVE-2013-2094 (perf_swevent_init); perf_event_open(2) shows addresses of the
 * kernel. */
#include "../attack.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK()
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_PAGE_FAULTS,
		.exclude_kernel = 1};

	must_fail_with(EPERM, syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0), "its own");
	must_fail_with(EPERM, syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0), "a processor's");
	must_fail_with(EPERM, syscall(SYS_perf_event_open, &attr, 1, -1, -1, 0), "pid 1's");
}
