/* SPDX-License-Identifier: MIT */
/* Tries: to find a place in memory without a bound: /tmp, /dev/shm, the root, by contents and by
 * names.
 * Must be seen: a size and a number of names for each.
 * Known from: tmpfs(5): without options half of the memory, and as many names as fit in that. */
#include "../attack.h"

#include <stdio.h>
#include <sys/statvfs.h>

ATTACK()
{
	static const char *const places[] = {"/tmp", "/dev/shm", "/", "/dev"};
	struct statvfs fs;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		must_be(statvfs(places[i], &fs) == 0, "it can be asked");
		must_be(fs.f_blocks > 0 && fs.f_files > 0, "it is bounded");
		must_be(fs.f_files <= 1 << 22, "and so are its names");
	}
}
