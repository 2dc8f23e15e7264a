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
	bool is_there;	   /* its output is in the store */
	bool is_missing;   /* has to be asked for, as far as is known */
	bool is_pullable;  /* worth asking a cache for, before what it is made of is */
	bool is_nowhere;   /* no cache has the tree of what this key makes */
	bool is_pushed;	   /* its record is on the way to the caches */
	bool has_id, has_key;
	struct digest id, key; /* a key is final once all inputs are done */
	unsigned long weight;  /* of the longest way from here to the wanted action */
};

struct walk {
	struct store *store;
	const struct plan *plan;
	size_t wanted;
	struct walk_node *nodes; /* one an action */
	size_t missing, left;	 /* left: of the missing, how many are neither done nor failed */
};

/* Looks up every record that the wanted action rests on, and scans its globs. walk_done frees. */
int walk_init(struct walk *walk, struct store *store, const struct plan *plan, size_t wanted,
	const struct build_options *options, struct err *err);
void walk_done(struct walk *walk);

/* The first action from `index` on that has a key but no id; those of its inputs are known.
 * SIZE_MAX: none. */
size_t walk_next_unknown(struct walk *walk, size_t index);

/* Somebody knows the id of an action that has none. */
void walk_learn(struct walk *walk, size_t index, const struct digest *id);

/* Marks what is missing, with what is known now. What is_pullable says is for the caller to set
 * before. */
void walk_begin(struct walk *walk);

/* After walk_begin: holds all that was found (store_lease.h) and looks again: 1: it stays there; 0:
 * some of it went in the meantime, walk anew; -1. */
int walk_hold(const struct walk *walk, struct err *err);

/* The ready action to start next: of those that come over the network (fetches, and what is
 * pullable) or of all others, the one with the longest way to go; none whose key is running already
 * (its record will do). SIZE_MAX: none. Marks it running. */
size_t walk_take(struct walk *walk, bool is_fetch);

/* A running action that could not be pulled: it waits for what it is made of. */
void walk_reconsider(struct walk *walk, size_t index);

/* Ends a running action; what waited for it becomes ready, or fails with it. */
void walk_finish(struct walk *walk, size_t index, const struct digest *id);
void walk_fail(struct walk *walk, size_t index);

/* The last step (a run) before `index` on the way to the wanted action whose key is known;
 * SIZE_MAX: none. Begun with wanted + 1 it is the one that a person means by the output. */
size_t walk_step_before(const struct walk *walk, size_t index);

/* The ids of an action's inputs, in its order; all are known. The caller frees. */
struct digest *walk_input_ids(const struct walk *walk, size_t index);

#endif
