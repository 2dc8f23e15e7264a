/* SPDX-License-Identifier: MIT */
/* A key needs the ids of the inputs, and those are what records say. So the look-up goes from the
 * leaves up, as far as records reach, whether their trees are there or not; what to run is marked
 * from the wanted end down, and stops where an output is there, or may be had from a cache. An
 * action that comes out the same as before gives its consumers the key that they had: their records
 * are found when their turn comes. One whose tree was elsewhere and had to be made may come out
 * different from what its record said: keys are made anew once all inputs are done. */
#include "build/walk.h"

#include "base/err.h"
#include "base/mem.h"
#include "build/build.h"
#include "plan/plan.h"
#include "store/compose.h"
#include "store/record.h"
#include "store/store.h"
#include "store/store_lease.h"

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
	struct digest *ids = mem_zalloc(action->input_count + 1, sizeof(*ids));

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
	struct walk_node *node = &walk->nodes[index];
	struct digest key = plan_key(&walk->plan->actions[index], ids, NULL);

	node->is_nowhere &= node->has_key && digest_equal(&node->key, &key);
	node->key = key;
	node->has_key = true;
}

static int
look_up(struct walk *walk, size_t index, struct err *err)
{
	struct record record;

	if (!has_all_ids(walk, &walk->plan->actions[index])) {
		return 0;
	}
	make_key(walk, index);
	int found = store_peek_record(walk->store, &walk->nodes[index].key, &record, err);
	if (found == 1) {
		know(&walk->nodes[index], &record.output);
		walk->nodes[index].is_there = store_has_tree(walk->store, &record.output);
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
	walk->nodes[index].is_there = true;
	return 0;
}

static int
resolve(struct walk *walk, size_t index, const struct build_options *options, struct err *err)
{
	const struct action *action = &walk->plan->actions[index];

	switch (action->kind) {
	case ACTION_FETCH:
		know(&walk->nodes[index], &action->fetch.sha256);
		walk->nodes[index].is_there = store_has_blob(walk->store, &action->fetch.sha256);
		return 0;
	case ACTION_GLOB:
		return scan(walk, index, options, err);
	default:
		return look_up(walk, index, err);
	}
}

/* Asks for one action: it is done, or missing, and then so may be what it stands on. */
static void
ask(struct walk *walk, size_t index)
{
	struct walk_node *node = &walk->nodes[index];

	if (node->state == WALK_UNASKED) {
		node->is_missing = !node->is_there;
		node->state = node->is_missing ? WALK_WAITING : WALK_DONE;
		walk->missing += node->is_missing;
		walk->left += node->is_missing;
	}
}

/* Asks for what all that is missing up to `index` is made of. */
static void
ask_inputs(struct walk *walk, size_t index)
{
	for (size_t i = index + 1; i-- > 0;) {
		const struct action *action = &walk->plan->actions[i];
		const struct walk_node *node = &walk->nodes[i];
		bool needs = node->state == WALK_WAITING && !node->is_pullable;
		for (size_t j = 0; needs && j < action->input_count; j++) {
			ask(walk, action->inputs[j].index);
		}
	}
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
		if (node->is_pullable) {
			node->state = WALK_READY;
		} else if (has_input_in(walk, i, WALK_FAILED)) {
			node->state = WALK_FAILED;
			walk->left--;
		} else if (has_inputs_done(walk, i)) {
			node->state = WALK_READY;
			if (walk->plan->actions[i].kind != ACTION_FETCH) {
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
		.nodes = mem_zalloc(plan->action_count, sizeof(*walk->nodes)),
	};
	mark_reachable(walk);
	for (size_t i = 0; i <= wanted; i++) {
		if (walk->nodes[i].is_reachable && resolve(walk, i, options, err) < 0) {
			walk_done(walk);
			return -1;
		}
	}
	return 0;
}

void
walk_begin(struct walk *walk)
{
	ask(walk, walk->wanted);
	ask_inputs(walk, walk->wanted);
	settle(walk);
}

size_t
walk_next_unknown(struct walk *walk, size_t index)
{
	for (; index <= walk->wanted; index++) {
		struct walk_node *node = &walk->nodes[index];
		const struct action *action = &walk->plan->actions[index];
		if (!node->is_reachable || node->has_id || !has_all_ids(walk, action)) {
			continue;
		}
		if (!node->has_key) {
			make_key(walk, index);
		}
		return index;
	}
	return SIZE_MAX;
}

void
walk_learn(struct walk *walk, size_t index, const struct digest *id)
{
	know(&walk->nodes[index], id);
	walk->nodes[index].is_there = store_has_tree(walk->store, id);
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
		       ? store_has_blob(walk->store, &node->id)
		       : store_has_tree(walk->store, &node->id);
}

int
walk_hold(const struct walk *walk, struct err *err)
{
	cleanup_free struct digest *ids = mem_zalloc(walk->wanted + 1, sizeof(*ids));
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
		if (walk->nodes[i].state == WALK_DONE && !is_still_there(walk, i)) {
			return 0;
		}
	}
	return 1;
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
		bool comes = node->is_pullable || walk->plan->actions[i].kind == ACTION_FETCH;
		if (node->state == WALK_READY && comes == is_fetch &&
			(best == SIZE_MAX || node->weight > walk->nodes[best].weight) &&
			!has_running_twin(walk, i)) {
			best = i;
		}
	}
	if (best != SIZE_MAX) {
		walk->nodes[best].state = WALK_RUNNING;
		if (walk->nodes[best].is_pullable) {
			make_key(walk, best); /* an input may have come out different */
		}
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

void
walk_reconsider(struct walk *walk, size_t index)
{
	walk->nodes[index].is_pullable = false;
	walk->nodes[index].is_nowhere = true;
	walk->nodes[index].state = WALK_WAITING;
	ask_inputs(walk, index);
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
