/* SPDX-License-Identifier: MIT */
/* Tries: to take more memory than it is allowed in one process; where that is not given, to let
 * another take the rest.
 * Must be seen: the step is stopped.
 * Known from: getrlimit(2), RLIMIT_AS. */
#include "../attack.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static void
take(size_t size)
{
	enum { PART = 4 << 20 };

	for (size_t taken = 0; taken < size; taken += PART) {
		char *part = mmap(
			NULL, PART, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (part == MAP_FAILED) {
			return;
		}
		memset(part, 1, PART);
	}
	must_be(size < 512 << 20, "half a gigabyte is not given to one process");
}

ATTACK(.status = 9, .limits = "memory = 268435456", .says = "more memory than")
{
	struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY}, now;

	must_be(getrlimit(RLIMIT_AS, &now) == 0, "the limit is told");
	if (now.rlim_max != RLIM_INFINITY) {
		must_fail(setrlimit(RLIMIT_AS, &none), "lift the limit");
	}
	take(fork() == 0 ? 128 << 20 : 512 << 20);
	for (;;) {
		pause();
	}
}
