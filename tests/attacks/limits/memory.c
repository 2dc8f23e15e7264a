/* SPDX-License-Identifier: MIT */
/* Tries: to take more memory than it is allowed in one process.
 * Must be seen: it is not given.
 * Known from: getrlimit(2), RLIMIT_AS. */
#include "../attack.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

ATTACK(.limits = "memory = 268435456")
{
	struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};

	must_fail(setrlimit(RLIMIT_AS, &none), "lift the limit");
	must_fail(mmap(NULL, 512 << 20, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED
			  ? -1
			  : 0,
		"half a gigabyte");
}
