/* SPDX-License-Identifier: MIT */
/* With is_json, an object a line for every action that would run, in the plan's order:
 *
 *	"action"   index in the plan; "kind", "name" and "where" are its own
 *	"state"    "changed"  a record of the same kind and name is there, with another key
 *	           "new"      there is none
 *	           "gone"     there is one of the same key, but its output is no longer in the store
 *	           "waiting"  its key is not known before its inputs are done
 *	           "unfetched"
 *	"key"      where it is known
 *	"was"      changed: the nearest record's key; "built": when, in seconds since the epoch
 *	"changes"  changed: [{"component", "detail"?, "was"?, "is"?,
 *	           "input"?: the name of the action,
 *	           "files"?: [[path, "new" | "gone" | "changed"], …]}, …]
 *	"waits_for"  waiting: [name, …], those of its inputs that would run */
#include "build/why.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "build/walk.h"
#include "build/why_text.h"
#include "plan/component_diff.h"
#include "plan/plan.h"
#include "plan/wording.h"
#include "store/record.h"
#include "store/store.h"
#include "store/store_kin.h"
#include "tree/tree.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct why {
	struct store *store;
	const struct plan *plan;
	const struct walk *walk;
	struct kin *kin; /* one a missing action whose key is known, in their order */
	size_t kin_count;
};

static void
set_text(json_t *object, const char *name, const char *text)
{
	if (text) {
		json_t *value = json_string(text);
		json_object_set_new(object, name, value ? value : json_string("?"));
	}
}

static void
add_file(json_t *files, const char *path, const char *change)
{
	json_t *name = json_string(path); /* NULL: not UTF-8 */

	if (json_array_size(files) < WHY_FILES_NAMED) {
		json_array_append_new(
			files, json_pack("[os]", name ? name : json_string("?"), change));
	} else {
		json_decref(name);
	}
}

static bool
is_same_entry(const struct tree_entry *a, const struct tree_entry *b)
{
	if (a->type != b->type) {
		return false;
	}
	return a->type == TREE_LINK ? strcmp(a->target, b->target) == 0
				    : digest_equal(&a->content, &b->content);
}

/* The first paths in which two trees differ. */
static void
compare_trees(const struct tree *was, const struct tree *is, json_t *files)
{
	size_t i = 0, j = 0;

	while (i < was->count || j < is->count) {
		int order = i == was->count  ? 1
			    : j == is->count ? -1
					     : strcmp(was->entries[i].path, is->entries[j].path);
		if (order < 0) {
			add_file(files, was->entries[i++].path, "gone");
		} else if (order > 0) {
			add_file(files, is->entries[j++].path, "new");
		} else {
			if (!is_same_entry(&was->entries[i], &is->entries[j])) {
				add_file(files, is->entries[j].path, "changed");
			}
			i++;
			j++;
		}
	}
}

static void
add_files(const struct why *why, json_t *change, const char *was_hex, const char *is_hex)
{
	struct digest was_id, is_id;
	struct tree was = {0}, is = {0};

	if (!was_hex || !is_hex || !digest_parse(was_hex, &was_id) ||
		!digest_parse(is_hex, &is_id)) {
		return;
	}
	if (store_get_tree(why->store, &was_id, &was, NULL) == 1 &&
		store_get_tree(why->store, &is_id, &is, NULL) == 1) {
		json_t *files = json_array();
		compare_trees(&was, &is, files);
		json_object_set_new(change, "files", files);
	}
	tree_done(&was);
	tree_done(&is);
}

struct telling {
	const struct why *why;
	const struct action *action;
	json_t *changes;
};

static void
add_change(void *context, const struct component_change *change)
{
	const struct telling *telling = context;
	json_t *object = json_object();

	set_text(object, "component", change->component);
	set_text(object, "detail", *change->detail ? change->detail : NULL);
	set_text(object, "was", change->was);
	set_text(object, "is", change->is);
	if (change->input < telling->action->input_count) {
		size_t index = telling->action->inputs[change->input].index;
		set_text(object, "input", wording_name(&telling->why->plan->actions[index]));
	}
	if (strcmp(change->component, "inputs") == 0) {
		add_files(telling->why, object, change->was, change->is);
	}
	json_array_append_new(telling->changes, object);
}

static void
add_changes(const struct why *why, size_t index, const struct kin *kin, json_t *object)
{
	char hex[DIGEST_HEX];
	struct telling telling = {why, &why->plan->actions[index], json_array()};

	set_text(object, "was", digest_hex(&kin->record.key, hex));
	json_object_set_new(object, "built", json_integer(kin->record.finished));
	component_diff(kin->record.components, kin->components, add_change, &telling);
	json_object_set_new(object, "changes", telling.changes);
}

static void
add_waits(const struct why *why, size_t index, json_t *object)
{
	const struct action *action = &why->plan->actions[index];
	json_t *names = json_array();

	for (size_t i = 0; i < action->input_count; i++) {
		size_t input = action->inputs[i].index;
		if (!why->walk->nodes[input].has_id) {
			json_t *name = json_string(wording_name(&why->plan->actions[input]));
			json_array_append_new(names, name ? name : json_string("?"));
		}
	}
	json_object_set_new(object, "waits_for", names);
}

static const char *
state_of(const struct why *why, size_t index, const struct kin *kin)
{
	if (why->plan->actions[index].kind == ACTION_FETCH) {
		return "unfetched";
	}
	if (!kin) {
		return "waiting";
	}
	return !kin->is_found ? "new" : kin->differences ? "changed" : "gone";
}

/* kin: NULL where the key is not known. */
static json_t *
explain(const struct why *why, size_t index, const struct kin *kin)
{
	const struct action *action = &why->plan->actions[index];
	const char *state = state_of(why, index, kin);
	json_t *object = json_object();
	char hex[DIGEST_HEX];

	json_object_set_new(object, "action", json_integer((json_int_t)index));
	set_text(object, "kind", action_kind_name(action->kind));
	set_text(object, "name", wording_name(action));
	set_text(object, "where", action->where);
	set_text(object, "state", state);
	if (kin) {
		set_text(object, "key", digest_hex(&why->walk->nodes[index].key, hex));
	}
	if (strcmp(state, "changed") == 0) {
		add_changes(why, index, kin, object);
	} else if (strcmp(state, "waiting") == 0) {
		add_waits(why, index, object);
	}
	return object;
}

static void
print(const struct why *why, bool is_json, struct buf *text)
{
	const struct kin *kin = why->kin;

	for (size_t i = 0; i <= why->walk->wanted; i++) {
		const struct walk_node *node = &why->walk->nodes[i];
		if (!node->is_missing) {
			continue;
		}
		json_t *object = explain(why, i, node->has_key ? kin++ : NULL);
		if (is_json) {
			cleanup_free char *line = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
			buf_puts(text, line ? line : "{}");
			buf_putc(text, '\n');
		} else {
			why_text_add(text, object);
		}
		json_decref(object);
	}
	if (!text->length && !is_json) {
		buf_puts(text, "nothing would run\n");
	}
}

static void
list_kin(struct why *why)
{
	for (size_t i = 0; i <= why->walk->wanted; i++) {
		const struct walk_node *node = &why->walk->nodes[i];
		const struct action *action = &why->plan->actions[i];
		struct buf components = {0};
		if (!node->is_missing || !node->has_key) {
			continue;
		}
		cleanup_free struct digest *ids = walk_input_ids(why->walk, i);
		plan_key(action, ids, &components);
		why->kin[why->kin_count++] = (struct kin){.kind = action_kind_name(action->kind),
			.name = wording_name(action),
			.components = buf_take(&components)};
	}
}

int
why_explain(struct store *store, const struct plan *plan, const struct walk *walk, bool is_json,
	struct buf *text, struct err *err)
{
	struct why why = {.store = store, .plan = plan, .walk = walk};

	why.kin = mem_zalloc(walk->wanted + 1, sizeof(*why.kin));
	list_kin(&why);
	int result = why.kin_count ? store_find_kin(store, why.kin, why.kin_count, err) : 0;
	if (result == 0) {
		print(&why, is_json, text);
	}
	for (size_t i = 0; i < why.kin_count; i++) {
		free((char *)why.kin[i].components);
		record_done(&why.kin[i].record);
	}
	free(why.kin);
	return result;
}
