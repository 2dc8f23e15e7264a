/* SPDX-License-Identifier: MIT */
/* Files and directories of a source, found by patterns and taken into the output. */
#ifndef BRUN_TAKE_H
#define BRUN_TAKE_H

#include <stdbool.h>

struct entries;
struct err;
struct notes;
struct source;
struct sources;

/* Calls `each` with every path (from the source's top) that a pattern matches, in memcmp order; a
 * pattern's components are fnmatch's. */
void take_find(struct sources *sources, const struct source *source, const char *pattern,
	void (*each)(void *context, const char *path), void *context);

/* One copy from a source into the output. */
struct taking {
	struct sources *sources;
	const struct source *source;
	const char *const *except;     /* patterns of names that are left out; ends with NULL */
	bool has_programs;	       /* its executables are programs */
	bool is_whole;		       /* links to directories elsewhere become those */
	const struct entries *entries; /* paths that are there already stay as they are */
	struct entries *more;
	void **index;	/* tsearch tree of what is in `more`, by path */
	bool *is_again; /* set where an entry that was seen is a program after all */
	struct notes *notes;
};

/* Adds what lies at `from` as `to`, with the directories above. Links that lead out of a directory
 * become the file that they lead to; where it is no file they go, unless is_whole; set-id files,
 * special ones and what lies too deep go, too, and so does what has another thing at its place
 * already: notes say so. */
int take(const struct taking *taking, const char *from, const char *to, struct err *err);

#endif
