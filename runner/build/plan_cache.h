/* SPDX-License-Identifier: MIT */
/* What a recipe came to the last time, for as long as nothing that this rests on has changed: a
 * build with nothing to do then evaluates nothing and walks over no records. A cache and no more:
 * what is damaged, doubtful or not written costs an ordinary build. Format: top of plan_cache.c. */
#ifndef BRUN_PLAN_CACHE_H
#define BRUN_PLAN_CACHE_H

#include <stdbool.h>
#include <time.h>

struct buf;
struct digest;
struct store;

/* Paths are absolute. */
struct plan_question {
	const char *program; /* brun itself: another one may evaluate otherwise */
	const char *recipe, *library;
	const char *output; /* "default", … */
};

/* Is the answer known, and still right? That is: every file that was read or looked for is as it
 * was, by its stat data; no record and no tree has come or gone; the store has the record of the
 * output's action, and its tree: *ret_id. */
bool plan_cache_find(
	struct store *store, const struct plan_question *question, struct digest *ret_id);

/* Remembers that the output's action has this key. `reads` are eval_recipe's, `globbed` are
 * globbed_paths', `began` is the time (CLOCK_REALTIME) before it was called: what may have changed
 * since then is not remembered, nor is what can't be written. */
void plan_cache_put(struct store *store, const struct plan_question *question,
	const struct digest *key, const struct buf *reads, const struct buf *globbed,
	const struct timespec *began);

#endif
