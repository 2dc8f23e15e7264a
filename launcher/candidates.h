/* SPDX-License-Identifier: MIT */
/* Libraries whose names are in a file although it does not need them: it may open them. */
#ifndef BRUN_CANDIDATES_H
#define BRUN_CANDIDATES_H

struct closure;
struct notes;
struct sources;

/* Notes each string of the closure's root that reads like a soname, is not in the closure, and that
 * something among the sources provides. */
void candidates_note(struct sources *sources, const struct closure *closure, struct notes *notes);

#endif
