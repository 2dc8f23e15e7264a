/* SPDX-License-Identifier: MIT */
#include "build/plan_state.h"

#include "base/buf.h"
#include "build/walk.h"
#include "plan/plan.h"
#include "plan/wording.h"

#include <jansson.h>

static const char *
describe(const struct plan *plan, const struct walk *walk, size_t index)
{
	const struct walk_node *node = &walk->nodes[index];

	if (!node->is_reachable) {
		return "unneeded";
	}
	if (node->is_there) {
		return "hit";
	}
	if (!node->is_missing && node->has_id) {
		return "known";
	}
	return node->has_key || plan->actions[index].kind == ACTION_FETCH ? "miss" : "unknown";
}

static json_t *
undecided_inputs(const struct action *action, const struct walk *walk)
{
	json_t *list = json_array();

	for (size_t i = 0; i < action->input_count; i++) {
		size_t input = action->inputs[i].index;
		if (!walk->nodes[input].has_id) {
			json_array_append_new(list, json_integer((json_int_t)input));
		}
	}
	return list;
}

static void
add_state(const struct plan *plan, const struct walk *walk, size_t index)
{
	const struct action *action = &plan->actions[index];
	const struct walk_node *node = &walk->nodes[index];
	const char *is = describe(plan, walk, index);
	json_t *state = json_pack("{s:s}", "is", is);
	char hex[DIGEST_HEX];

	if (node->has_key) {
		json_object_set_new(state, "key", json_string(digest_hex(&node->key, hex)));
	}
	if (node->has_id && node->is_reachable) {
		json_object_set_new(state, "output", json_string(digest_hex(&node->id, hex)));
	}
	if (node->is_reachable && !node->has_id && !node->has_key) {
		json_object_set_new(state, "until", undecided_inputs(action, walk));
	}
	json_object_set_new(action->body, "state", state);
}

void
plan_state_add(struct plan *plan, const struct walk *walk)
{
	for (size_t i = 0; i < plan->action_count; i++) {
		add_state(plan, walk, i);
	}
}

/* " (its key: after words, base)" */
static void
list_undecided(const struct plan *plan, const struct walk *walk, size_t index, struct buf *text)
{
	const struct action *action = &plan->actions[index];
	const char *before = " (unknown until ";

	for (size_t i = 0; i < action->input_count; i++) {
		size_t input = action->inputs[i].index;
		if (!walk->nodes[input].has_id) {
			buf_printf(text, "%s%s", before, wording_name(&plan->actions[input]));
			before = ", ";
		}
	}
	buf_putc(text, ')');
}

void
plan_state_list(const struct plan *plan, const struct walk *walk, struct buf *text)
{
	for (size_t i = 0; i < plan->action_count; i++) {
		const struct walk_node *node = &walk->nodes[i];
		char hex[DIGEST_HEX] = "-";
		if (!node->is_reachable) {
			continue;
		}
		if (node->has_key) {
			digest_hex(&node->key, hex);
		}
		buf_printf(text, "%-16.16s %-7s %-7s %s", hex,
			node->is_there			    ? "there"
			: node->is_missing || !node->has_id ? "missing"
							    : "known",
			action_kind_name(plan->actions[i].kind), plan->actions[i].name);
		if (!node->has_key && !node->has_id) {
			list_undecided(plan, walk, i, text);
		}
		buf_putc(text, '\n');
	}
}
