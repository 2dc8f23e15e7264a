/* SPDX-License-Identifier: MIT */
/* Libraries that programs open at run time, as far as that can be known. */
#ifndef BRUN_KNOWN_H
#define BRUN_KNOWN_H

struct closure;
struct err;
struct notes;
struct sources;

/* Adds to a closure what its objects are known to open: what their .note.dlopen says, libgcc_s for
 * glibc's threads and backtraces, the name service modules of a glibc older than 2.34. What a note
 * calls required and nothing provides is a note of ours. */
void known_open(struct sources *sources, struct closure *closure, struct notes *notes);

/* Adds the sonames (NULL-terminated) that a recipe names: a missing one is STATUS_UNPACKABLE. */
int known_open_named(
	struct sources *sources, struct closure *closure, const char *const *libs, struct err *err);

#endif
