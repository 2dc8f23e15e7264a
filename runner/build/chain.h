/* SPDX-License-Identifier: MIT */
/* What caches know about the actions of a plan. A key needs the ids of all inputs, and a record
 * tells an id without its tree: so the way to the wanted output leads over records alone, and only
 * the trees at its end come over the network. */
#ifndef BRUN_CHAIN_H
#define BRUN_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

struct action;
struct buf;
struct digest;
struct plan;
struct pusher;
struct record;
struct statement;
struct substitute;
struct walk;

/* Is the tree of this action worth sending and pulling? Those of steps and packed outputs are, and
 * the wanted one; what only moves files about is made anew as fast. */
bool chain_is_shared(const struct plan *plan, size_t index, size_t wanted);

/* Asks for every action whose key is known and whose output is not, from the leaves up, notes the
 * answers in the store, and marks what may be pulled. Before walk_begin. */
void chain_learn(struct walk *walk, const struct substitute *substitute);

/* Sends the records of all that the wanted action rests on and that are in the store, with the
 * trees that are worth it; but those that are on their way. */
void chain_push(const struct walk *walk, struct pusher *pusher);

/* The record that the statement comes to; its strings live in *components and in the action. */
void chain_record(const struct action *action, const struct digest *input_ids,
	const struct statement *statement, struct buf *components, struct record *ret_record);

#endif
