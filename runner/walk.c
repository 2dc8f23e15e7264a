/* SPDX-License-Identifier: MIT */
/* A key needs the ids of the inputs, and those are what records say. So the look-up goes from the
 * leaves up, as far as records reach; what to run is marked from the wanted end down, and stops
 * where an id is known. An action that comes out the same as before gives its consumers the key
 * that they had: their records are found when their turn comes. */
#include "walk.h"

#include "base/err.h"
#include "base/mem.h"
#include "build.h"
#include "compose.h"
#include "plan.h"
#include "store.h"
#include "store_lease.h"

#include <stdint.h>
#include <stdlib.h>

static unsigned long
own_weight(const struct action *action)
{
	return action->kind == ACTION_RUN || action->kind == ACTION_TEST ? 100 : 1;
}

static void
mark_reachable(struct walk *walk)
{
	walk->nodes[walk->wanted].is_reachable = true;
	for (size_t i = walk->wanted + 1; i-- > 0;) {
		const struct action *action = &walk->plan->actions[i];
		if (!walk->nodes[i].is_reachable) {
			continue;
		}
		for (size_t j = 0; j < action->input_count; j++) {
			struct walk_node *input = &walk->nodes[action->inputs[j].index];
			unsigned long way = walk->nodes[i].weight + own_weight(action);
			input->is_reachable = true;
			input->weight = input->weight < way ? way : input->weight;
		}
	}
}

static bool
has_all_ids(const struct walk *walk, const struct action *action)
{
	for (size_t i = 0; i < action->input_count; i++) {
		if (!walk->nodes[action->inputs[i].index].has_id) {
			return false;
		}
	}
	return true;
}

struct digest *
walk_input_ids(const struct walk *walk, size_t index)
{
	const struct action *action = &walk->plan->actions[index];
	struct digest *ids = mem_zalloc(action->input_count + 1, sizeof *ids);

	for (size_t i = 0; i < action->input_count; i++) {
		ids[i] = walk->nodes[action->inputs[i].index].id;
	}
	return ids;
}

static void
know(struct walk_node *node, const struct digest *id)
{
	node->id = *id;
	node->has_id = true;
}

static void
make_key(struct walk *walk, size_t index)
{
	cleanup_free struct digest *ids = walk_input_ids(walk, index);

	walk->nodes[index].key = plan_key(&walk->plan->actions[index], ids, NULL);
	walk->nodes[index].has_key = true;
}

static int
look_up(struct walk *walk, size_t index, struct err *err)
{
	struct record record;

	if (!has_all_ids(walk, &walk->plan->actions[index])) {
		return 0;
	}
	make_key(walk, index);
	int found = store_get_record(walk->store, &walk->nodes[index].key, &record, err);
	if (found == 1) {
		know(&walk->nodes[index], &record.output);
		record_done(&record);
	}
	return found < 0 ? -1 : 0;
}

static int
scan(struct walk *walk, size_t index, const struct build_options *options, struct err *err)
{
	struct digest id;
	const struct action *action = &walk->plan->actions[index];
	int from = action->glob.from_library ? options->library_fd : options->root_fd;

	if (compose_tree(walk->store, walk->plan, action, NULL, from, &id, err) < 0) {
		return *action->where ? err_wrap(err, "%s", action->where) : -1;
	}
	know(&walk->nodes[index], &id);
	return 0;
}

static int
resolve(struct walk *walk, size_t index, const struct build_options *options, struct err *err)
{
	const struct action *action = &walk->plan->actions[index];

	switch (action->kind) {
	case ACTION_FETCH:
		know(&walk->nodes[index], &action->fetch.sha256);
		return 0;
	case ACTION_GLOB:
		return scan(walk, index, options, err);
	default:
		return look_up(walk, index, err);
	}
}

static bool
is_there(const struct walk *walk, size_t index)
{
	const struct action *action = &walk->plan->actions[index];

	return action->kind == ACTION_FETCH ? store_has_blob(walk->store, &action->fetch.sha256)
					    : walk->nodes[index].has_id;
}

/* Asks for one action: it is done, or missing, and then so may be what it stands on. */
static void
ask(struct walk *walk, size_t index)
{
	struct walk_node *node = &walk->nodes[index];

	if (node->state == WALK_UNASKED) {
		node->is_missing = !is_there(walk, index);
		node->state = node->is_missing ? WALK_WAITING : WALK_DONE;
		walk->missing += node->is_missing;
	}
}

static void
mark_missing(struct walk *walk)
{
	ask(walk, walk->wanted);
	for (size_t i = walk->wanted + 1; i-- > 0;) {
		const struct action *action = &walk->plan->actions[i];
		for (size_t j = 0; walk->nodes[i].is_missing && j < action->input_count; j++) {
			ask(walk, action->inputs[j].index);
		}
	}
	walk->left = walk->missing;
}

static bool
has_input_in(const struct walk *walk, size_t index, enum walk_state state)
{
	const struct action *action = &walk->plan->actions[index];

	for (size_t i = 0; i < action->input_count; i++) {
		if (walk->nodes[action->inputs[i].index].state == state) {
			return true;
		}
	}
	return false;
}

static bool
has_inputs_done(const struct walk *walk, size_t index)
{
	const struct action *action = &walk->plan->actions[index];

	for (size_t i = 0; i < action->input_count; i++) {
		if (walk->nodes[action->inputs[i].index].state != WALK_DONE) {
			return false;
		}
	}
	return true;
}

/* Moves on what waits for nothing any more. Inputs come first in a plan, so one pass will do. */
static void
settle(struct walk *walk)
{
	for (size_t i = 0; i <= walk->wanted; i++) {
		struct walk_node *node = &walk->nodes[i];
		if (node->state != WALK_WAITING) {
			continue;
		}
		if (has_input_in(walk, i, WALK_FAILED)) {
			node->state = WALK_FAILED;
			walk->left--;
		} else if (has_inputs_done(walk, i)) {
			node->state = WALK_READY;
			if (!node->has_key && walk->plan->actions[i].kind != ACTION_FETCH) {
				make_key(walk, i);
			}
		}
	}
}

int
walk_init(struct walk *walk, struct store *store, const struct plan *plan, size_t wanted,
	const struct build_options *options, struct err *err)
{
	*walk = (struct walk){
		.store = store,
		.plan = plan,
		.wanted = wanted,
		.nodes = mem_zalloc(plan->action_count, sizeof *walk->nodes),
	};
	mark_reachable(walk);
	for (size_t i = 0; i <= wanted; i++) {
		if (walk->nodes[i].is_reachable && resolve(walk, i, options, err) < 0) {
			walk_done(walk);
			return -1;
		}
	}
	mark_missing(walk);
	settle(walk);
	return 0;
}

void
walk_done(struct walk *walk)
{
	free(steal(walk->nodes));
}

static bool
is_still_there(const struct walk *walk, size_t index)
{
	const struct walk_node *node = &walk->nodes[index];

	return walk->plan->actions[index].kind == ACTION_FETCH
		       ? node->state != WALK_DONE || store_has_blob(walk->store, &node->id)
		       : store_has_tree(walk->store, &node->id);
}

/* Holds what was found, and looks again: 1: it stays there; 0: some of it went in the meantime. */
static int
hold(const struct walk *walk, struct err *err)
{
	cleanup_free struct digest *ids = mem_zalloc(walk->wanted + 1, sizeof *ids);
	size_t count = 0;

	for (size_t i = 0; i <= walk->wanted; i++) {
		if (walk->nodes[i].state != WALK_UNASKED && walk->nodes[i].has_id) {
			ids[count++] = walk->nodes[i].id;
		}
	}
	if (store_hold(walk->store, ids, count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i <= walk->wanted; i++) {
		if (walk->nodes[i].state != WALK_UNASKED && walk->nodes[i].has_id &&
			!is_still_there(walk, i)) {
			return 0;
		}
	}
	return 1;
}

int
walk_begin(struct walk *walk, struct store *store, const struct plan *plan, size_t wanted,
	const struct build_options *options, struct err *err)
{
	for (;;) {
		if (walk_init(walk, store, plan, wanted, options, err) < 0) {
			return -1;
		}
		int held = options->is_dry ? 1 : hold(walk, err);
		if (held == 1) {
			return 0;
		}
		walk_done(walk);
		if (held < 0) {
			return -1;
		}
	}
}

static bool
has_running_twin(const struct walk *walk, size_t index)
{
	const struct walk_node *node = &walk->nodes[index];

	for (size_t i = 0; i <= walk->wanted; i++) {
		const struct walk_node *other = &walk->nodes[i];
		if (other->state == WALK_RUNNING && node->has_key && other->has_key &&
			digest_equal(&node->key, &other->key)) {
			return true;
		}
		if (other->state == WALK_RUNNING && !node->has_key && !other->has_key &&
			digest_equal(&node->id, &other->id)) {
			return true;
		}
	}
	return false;
}

size_t
walk_take(struct walk *walk, bool is_fetch)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i <= walk->wanted; i++) {
		const struct walk_node *node = &walk->nodes[i];
		if (node->state == WALK_READY &&
			(walk->plan->actions[i].kind == ACTION_FETCH) == is_fetch &&
			(best == SIZE_MAX || node->weight > walk->nodes[best].weight) &&
			!has_running_twin(walk, i)) {
			best = i;
		}
	}
	if (best != SIZE_MAX) {
		walk->nodes[best].state = WALK_RUNNING;
	}
	return best;
}

void
walk_finish(struct walk *walk, size_t index, const struct digest *id)
{
	know(&walk->nodes[index], id);
	walk->nodes[index].state = WALK_DONE;
	walk->left--;
	settle(walk);
}

void
walk_fail(struct walk *walk, size_t index)
{
	walk->nodes[index].state = WALK_FAILED;
	walk->left--;
	settle(walk);
}

size_t
walk_step_before(const struct walk *walk, size_t index)
{
	while (index-- > 0) {
		const struct walk_node *node = &walk->nodes[index];
		if (node->is_reachable && node->has_key &&
			walk->plan->actions[index].kind == ACTION_RUN) {
			return index;
		}
	}
	return SIZE_MAX;
}
