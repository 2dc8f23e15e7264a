/* SPDX-License-Identifier: MIT */
#include "host/processors.h"

#include <sched.h>
#include <unistd.h>

unsigned
processors_count(void)
{
	cpu_set_t set;

	/* EINVAL: more of them than fit into the set. */
	int count = sched_getaffinity(0, sizeof(set), &set) == 0
			    ? CPU_COUNT(&set)
			    : (int)sysconf(_SC_NPROCESSORS_ONLN);
	return count > 0 ? (unsigned)count : 1;
}
