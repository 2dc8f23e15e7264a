/* SPDX-License-Identifier: MIT */
/* The evaluating child: what it holds, and who does what with it. */
#ifndef BRUN_INSIDE_H
#define BRUN_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actions.h"
#include "base/buf.h"
#include "base/err.h"
#include "eval.h"
#include "source.h"

struct lua_State;

/* What to do where a limit is hit. */
#define INSIDE_LIMIT_ADVICE                                                                        \
	"a recipe only says what to build: long work belongs into a step, large text into a file " \
	"beside it (glob{…})"

struct inside {
	struct eval_limits limits; /* none is 0 */
	const struct source *main; /* the recipe; one of sources */
	const char *display_dir;   /* what is put before a sibling's name for people: "recipes/" */
	const char *root;	   /* absolute directory that siblings lie in */
	const char *library;	   /* absolute, or NULL */
	struct sources sources;
	struct actions actions;
	struct buf reads;     /* paths looked for, each NUL-terminated */
	struct err complaint; /* the last one that was raised */
	size_t heap;	      /* bytes that Lua holds */
	uint64_t start_ms;    /* processor time at which the evaluation began */
};

void inside_done(struct inside *inside);

/* evaluate.c: evaluates in this very process. err as eval_recipe. */
int inside_evaluate(struct inside *inside, struct buf *ret_plan, struct err *err);

/* The state that belongs to L. */
struct inside *inside_of(struct lua_State *L);

/* library.c: sets the global table that preludes use, and leaves nothing that a recipe must not
 * have. */
void library_open(struct lua_State *L);

/* api.c: pushes the table `native` that the prelude is built on. */
void api_push(struct lua_State *L);

/* recipe.c: pushes what the recipe of that name (or the main one: NULL) returned; evaluated once.
 * Complains with `path` into the current call where that fails; `why` goes behind the complaint
 * that there is no such recipe. */
void recipe_push(struct lua_State *L, const char *name, int path_index, const char *why);

/* How many recipes are being evaluated within each other; and back to that many, where an error
 * in the inner ones was caught. */
long long recipe_depth(struct lua_State *L);
void recipe_unwind(struct lua_State *L, long long depth);

#endif
