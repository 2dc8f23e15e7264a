/* SPDX-License-Identifier: MIT */
/* Libraries whose names are in a file although it does not need them: it may open them. */
#ifndef BRUN_CANDIDATES_H
#define BRUN_CANDIDATES_H

#include <stdbool.h>

struct closure;
struct file;
struct notes;
struct sources;

/* Calls `each` with every string of an ELF file that reads like a soname but its own and what it
 * needs, once; false ends it. False where there are more of them than any program has: then not all
 * were told. */
bool candidates_each(
	const struct file *file, bool (*each)(void *context, const char *name), void *context);

/* Notes each string of the closure's root that reads like a soname, is not in the closure, and that
 * something among the sources provides. */
void candidates_note(struct sources *sources, const struct closure *closure, struct notes *notes);

#endif
