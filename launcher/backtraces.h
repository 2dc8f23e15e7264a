/* SPDX-License-Identifier: MIT */
/* Programs that look up the names of their own functions while they run. */
#ifndef BRUN_BACKTRACES_H
#define BRUN_BACKTRACES_H

struct notes;
struct wraps;

/* Says of which programs backtraces lack names: those with symbols whose libraries read them from
 * /proc/self/exe, which is the launcher. */
void backtraces_note(const struct wraps *wraps, struct notes *notes);

#endif
