/* SPDX-License-Identifier: MIT */
/* Tries: to raise every hard limit, its own and by prlimit.
 * Must be seen: an error each time.
 * Known from: getrlimit(2): CAP_SYS_RESOURCE. */
#include "../attack.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

ATTACK()
{
	for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
		struct rlimit limit;
		must_be(getrlimit((__rlimit_resource_t)resource, &limit) == 0, "the limit is told");
		/* That on cores is for core-dump.c: it answers yes and stays. */
		if (limit.rlim_max == RLIM_INFINITY || resource == RLIMIT_CORE) {
			continue;
		}
		limit.rlim_max++;
		must_fail(setrlimit((__rlimit_resource_t)resource, &limit), "raise limit %d",
			resource);
		must_fail(prlimit(getpid(), (__rlimit_resource_t)resource, &limit, NULL),
			"raise limit %d by prlimit", resource);
	}
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	must_be(files.rlim_max <= 1 << 20, "descriptors are bounded");
	getrlimit(RLIMIT_MEMLOCK, &files);
	must_be(files.rlim_max <= 65536 || !attack_is_ours(), "locked memory is bounded");
}
