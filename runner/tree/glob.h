/* SPDX-License-Identifier: MIT */
/* Which paths of a directory or tree a pair of glob lists selects. tree_glob matches one. */
#ifndef BRUN_GLOB_H
#define BRUN_GLOB_H

#include <stdbool.h>

/* NULL-terminated lists; an absent or empty `include` selects everything. */
struct glob_rules {
	const char *const *include, *const *exclude;
};

/* Is the path selected: by some include, and by no exclude? */
bool glob_selects(const struct glob_rules *rules, const char *path);

/* Could something below the directory `path` be selected? False only where it is certain. */
bool glob_may_descend(const struct glob_rules *rules, const char *path);

#endif
