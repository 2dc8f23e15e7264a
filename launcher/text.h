/* SPDX-License-Identifier: MIT */
/* Text files that name the build's prefix. */
#ifndef BRUN_TEXT_H
#define BRUN_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Makes the prefix relative in a file whose format can say where it is itself: pkg-config's .pc,
 * .cmake, and `variable=/prefix` lines of a shell script. `path` is from the output's top. False
 * when nothing changed. */
bool text_relocate(const char *path, const char *text, size_t length, const char *prefix,
	struct buf *ret_text);

/* The first place where the data names something under the prefix: its text up to the next byte
 * that no path has; false when there is none. *ret_at and *ret_length are in bytes. */
bool text_names_prefix(const char *data, size_t length, const char *prefix, size_t from,
	size_t *ret_at, size_t *ret_length);

#endif
