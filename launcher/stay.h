/* SPDX-License-Identifier: MIT */
/* What programs of a root file system name by absolute paths that does not come along: where they
 * look for it there is the host's, or nothing. */
#ifndef BRUN_STAY_H
#define BRUN_STAY_H

struct entries;
struct notes;
struct sources;
struct wraps;

/* Notes what of their own stays behind, each path once, and which programs have /bin/sh do
 * something. For programs that a recipe built that is the business of their build's prefix
 * (relocate.h). */
void stay_note(struct sources *sources, const struct entries *entries, const struct wraps *wraps,
	struct notes *notes);

#endif
