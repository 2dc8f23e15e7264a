/* SPDX-License-Identifier: MIT */
/* The output's own files that name the build's prefix: edited where they can say it relatively,
 * reported where not. */
#ifndef BRUN_RELOCATE_H
#define BRUN_RELOCATE_H

struct entries;
struct err;
struct notes;
struct sources;
struct wraps;

/* Gives every entry that must not stay as it is its new contents; notes what still names the
 * prefix. */
int relocate_entries(struct sources *sources, struct entries *entries, const struct wraps *wraps,
	struct notes *notes, struct err *err);

#endif
