/* SPDX-License-Identifier: MIT */
/* What has to happen for one output of a plan: the ids that are known, the actions that are
 * missing, and which of those can start. Knows no threads: the caller holds its lock. */
#ifndef BRUN_WALK_H
#define BRUN_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sha256.h"

struct build_options;
struct err;
struct plan;
struct store;

enum walk_state {
	WALK_UNASKED, /* nothing that is missing needs it */
	WALK_WAITING, /* for an input */
	WALK_READY,
	WALK_RUNNING,
	WALK_DONE,
	WALK_FAILED, /* or an input did */
};

struct walk_node {
	enum walk_state state;
	bool is_reachable; /* from the wanted action */
	bool is_missing;   /* has to be asked for, as far as was known at the start */
	bool has_id, has_key;
	struct digest id, key;
	unsigned long weight; /* of the longest way from here to the wanted action */
};

struct walk {
	struct store *store;
	const struct plan *plan;
	size_t wanted;
	struct walk_node *nodes; /* one an action */
	size_t missing, left;	 /* left: of the missing, how many are neither done nor failed */
};

/* Looks up every record that the wanted action rests on, scans its globs, and marks what is
 * missing. walk_done frees. */
int walk_init(struct walk *walk, struct store *store, const struct plan *plan, size_t wanted,
	const struct build_options *options, struct err *err);
void walk_done(struct walk *walk);

/* The same, and what was found is held (store_lease.h): it stays there. Not for a dry run. */
int walk_begin(struct walk *walk, struct store *store, const struct plan *plan, size_t wanted,
	const struct build_options *options, struct err *err);

/* The ready action to start next: of fetches or of all others, the one with the longest way to
 * go; none whose key is running already (its record will do). SIZE_MAX: none. Marks it running. */
size_t walk_take(struct walk *walk, bool is_fetch);

/* Ends a running action; what waited for it becomes ready, or fails with it. */
void walk_finish(struct walk *walk, size_t index, const struct digest *id);
void walk_fail(struct walk *walk, size_t index);

/* The last step (a run) before `index` on the way to the wanted action whose key is known;
 * SIZE_MAX: none. Begun with wanted + 1 it is the one that a person means by the output. */
size_t walk_step_before(const struct walk *walk, size_t index);

/* The ids of an action's inputs, in its order; all are known. The caller frees. */
struct digest *walk_input_ids(const struct walk *walk, size_t index);

#endif
