/* SPDX-License-Identifier: MIT */
/* Absolute paths that a file's bytes name: where it may look on the machine it runs on. */
#ifndef BRUN_MENTION_H
#define BRUN_MENTION_H

#include <stdbool.h>
#include <stddef.h>

/* No longer path than this is told. */
enum { MENTION_MAX = 256 };

/* Calls `each` with every path in the data that leads into a directory that machines have (/usr,
 * /etc, /lib, …) or into a build's own (/brun, /build), in the order in which they stand there;
 * `path` is not NUL-ended. Takes time in proportion to `size`. */
void mention_each(const void *data, size_t size,
	void (*each)(void *context, const char *path, size_t length), void *context);

/* Does such a path lead into a build's own directories? */
bool mention_is_of_build(const char *path, size_t length);

#endif
