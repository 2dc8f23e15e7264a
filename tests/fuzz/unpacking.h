/* SPDX-License-Identifier: MIT */
/* Where an unpacking of a fuzz target goes to. */
#ifndef BRUN_FUZZ_UNPACKING_H
#define BRUN_FUZZ_UNPACKING_H

#include "base/err.h"
#include "base/fs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char unpacking_base[] = "/dev/shm/brun-fuzz-XXXXXX";
static int unpacking_base_fd = -1;

static void
unpacking_clean_up(void)
{
	(void)fs_remove_at(AT_FDCWD, unpacking_base, NULL);
}

/* An empty directory, in one that holds nothing else. */
static inline int
unpacking_begin(void)
{
	if (unpacking_base_fd < 0) {
		if (!mkdtemp(unpacking_base)) {
			abort();
		}
		atexit(unpacking_clean_up);
		unpacking_base_fd = fs_open_dir(AT_FDCWD, unpacking_base, NULL);
	}
	if (mkdirat(unpacking_base_fd, "to", 0755) < 0) {
		abort();
	}
	return fs_open_dir(unpacking_base_fd, "to", NULL);
}

/* Whatever came out lies below it: nothing has appeared beside it. */
static inline void
unpacking_end(int to)
{
	char **names;
	size_t count;

	close(to);
	if (fs_remove_at(unpacking_base_fd, "to", NULL) < 0 ||
		fs_list_dir(unpacking_base_fd, &names, &count, NULL) < 0 || count != 0) {
		abort();
	}
	free(names);
}

#endif
