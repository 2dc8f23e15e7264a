/* SPDX-License-Identifier: MIT */
/* What may have been meant: the known name that is fewest edits away. */
#ifndef BRUN_NEAREST_H
#define BRUN_NEAREST_H

#include <stddef.h>

/* Insertions, removals, replacements and swaps of neighbours from a to b. Names over 64 bytes
 * count as far away. */
size_t nearest_distance(const char *a, const char *b);

/* The nearest of count names, or NULL where none is near enough to be meant. */
const char *nearest_name(const char *name, const char *const *known, size_t count);

#endif
