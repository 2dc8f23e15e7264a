/* SPDX-License-Identifier: MIT */
/* Gives a program what the rules (rules.h) say that it looks for: data beside it in the output, and
 * the operations on its environment that lead to them. */
#ifndef BRUN_FURNISH_H
#define BRUN_FURNISH_H

#include <stdbool.h>
#include <stddef.h>

#include "changes.h"
#include "entries.h"
#include "plan/runtime.h"

struct err;
struct notes;
struct pack_spec;
struct sources;
struct wrap;

/* Data that were taken, for pack.json; one struct a path. */
struct furniture {
	const char *path;	 /* in the output */
	const char *from, *rule; /* the path in the source; the rule that it was taken for */
	const struct source *source;
};

struct furnishing {
	struct sources *sources;
	const struct pack_spec *spec;
	const struct entries *entries; /* what is in the output already, sorted */
	struct entries more;	       /* what comes in addition */
	void *index;		       /* of that, by path: take.h */
	bool is_again;		       /* an entry that was seen is a program after all */
	struct notes *notes;
	const struct furniture **taken;
	size_t taken_count;
};

/* What one program got; the arrays are the arena's. */
struct furnished {
	const struct furniture **data;
	size_t data_count;
	struct runtime_env *env;
	size_t env_count;
	struct changes changes; /* of the program's own bytes */
};

/* Adds the libraries that rules say are opened at run time to the program's closure. */
int furnish_libraries(struct furnishing *furnishing, struct wrap *wrap, struct err *err);

/* Applies every rule that holds for the program; its closure is complete. Where the caller sets one
 * of a rule's variables he has seen to it: the rule does nothing. */
int furnish(struct furnishing *furnishing, const struct wrap *wrap, struct furnished *ret_furnished,
	struct err *err);

/* Moves what came in addition to the entries. 1: there is something to go through; 0; -1 and
 * err. */
int furnishing_merge(struct furnishing *furnishing, struct entries *entries, struct err *err);
void furnishing_done(struct furnishing *furnishing);

#endif
