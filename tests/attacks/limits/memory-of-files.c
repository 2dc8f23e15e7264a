/* SPDX-License-Identifier: MIT */
/* Tries: to take more memory than it is allowed by files that lie in memory and have no name:
 * memfd_create, shared mappings.
 * Must be seen: the step is stopped.
 * Known from: memfd_create(2), proc(5) on statm: what is shared counts as "shared", not as the
 * process's own. */
#include "../attack.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

ATTACK(.status = 9, .limits = "memory = 134217728", .says = "more memory than")
{
	enum { PART = 1 << 20 };
	static char part[PART];

	memset(part, 1, sizeof(part));
	for (int i = 0; i < 20; i++) {
		int fd = memfd_create("part", 0);
		for (int j = 0; fd >= 0 && j < 20; j++) {
			must_be(write(fd, part, PART) == PART, "a part is taken");
		}
	}
	for (;;) {
		pause();
	}
}
