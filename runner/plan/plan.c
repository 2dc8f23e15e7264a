/* SPDX-License-Identifier: MIT */
/* The JSON form of a plan. Version 1:
 *
 *	{ "version": 1, "actions": [ACTION, …], "outputs": { "default": 41, "raw": 39, … } }
 *
 * outputs maps names to indices into actions; "default" is always there. An "about" may be beside
 * it: {NAME: string}, what the package says about itself (name, version, summary, homepage,
 * licence, main, update.url, update.pattern). Every ACTION has
 *
 *	"kind": "fetch" | "unpack" | "glob" | "file" | "merge" | "debian" | "filter" | "run" | …
 *	"name": "curl-8.8.0"      for people; optional, default ""; never in a key
 *	"where": "curl.lua:14"    for people; optional, default ""; never in a key
 *	"inputs": [["role", index], …]   optional, default []; each index smaller than its own
 *
 * and, by kind (? marks what may be left out; the roles are plan.h's, ? * + as there):
 *
 *	fetch   urls: [string+] (not in the key), sha256: hex
 *	unpack  strip?: integer ≥ 0 (0), single?: string          inputs: artifact (a fetch)
 *	glob    from: "recipe" | "library", dir: clean relative path or ".", patterns: [string+]
 *	file    path: clean relative path, text: string | link: string, executable?: bool (false)
 *	merge                                                     inputs: tree+
 *	debian  packages?: ["NAME:ARCHITECTURE=VERSION[ from SOURCE]"], sorted by name, one for
 *	        each input 'package' and in their order (unknown)  inputs: package+, file*
 *	filter  include?: [string] (everything), exclude?: [string] (nothing)   inputs: tree
 *	run     script: [string+], env?: {NAME: string}, network?: bool, output?: hex,
 *	        limits?: {time?, silence? (seconds), memory?, disk?, log? (bytes),
 *	        processes?}
 *	                                                          inputs: base, prefix?, src?
 *	pack    env?: [{verb: "default" | "set" | "prepend" | "append" | "unset",
 *	        name: string, value?: string, separator?: string}],
 *	        libs?: [string], main?: string
 *	                                        inputs: tree, prefix*, base?, runtime*
 *	test    steps: [{argv: [string+], env?: {NAME: string}, match?: string,
 *	        exit?: integer (0)}+]           inputs: tree, bed?
 *
 * Every input but unpack's artifact must be an action whose output is a tree (all but fetch). */
#include "plan/plan.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "plan/plan_body.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
	[ACTION_FETCH] = "fetch",
	[ACTION_UNPACK] = "unpack",
	[ACTION_GLOB] = "glob",
	[ACTION_FILE] = "file",
	[ACTION_MERGE] = "merge",
	[ACTION_DEBIAN] = "debian",
	[ACTION_FILTER] = "filter",
	[ACTION_RUN] = "run",
	[ACTION_PACK] = "pack",
	[ACTION_TEST] = "test",
};

enum { KINDS = sizeof(kind_names) / sizeof(*kind_names) };

/* How often a role may occur among a kind's inputs. A kind without rows takes none. */
static const struct role {
	enum action_kind kind;
	const char *name;
	size_t least, most;
} roles[] = {
	{ACTION_UNPACK, "artifact", 1, 1},
	{ACTION_MERGE, "tree", 1, SIZE_MAX},
	{ACTION_DEBIAN, "package", 1, SIZE_MAX},
	{ACTION_DEBIAN, "file", 0, SIZE_MAX},
	{ACTION_FILTER, "tree", 1, 1},
	{ACTION_RUN, "base", 1, 1},
	{ACTION_RUN, "prefix", 0, 1},
	{ACTION_RUN, "src", 0, 1},
	{ACTION_PACK, "tree", 1, 1},
	{ACTION_PACK, "prefix", 0, SIZE_MAX},
	{ACTION_PACK, "base", 0, 1},
	{ACTION_PACK, "runtime", 0, SIZE_MAX},
	{ACTION_TEST, "tree", 1, 1},
	{ACTION_TEST, "bed", 0, 1},
};

enum { ROLES = sizeof(roles) / sizeof(*roles) };

const char *
action_kind_name(enum action_kind kind)
{
	return kind_names[kind];
}

static const struct role *
find_role(enum action_kind kind, const char *name)
{
	for (size_t i = 0; i < ROLES; i++) {
		if (roles[i].kind == kind && strcmp(roles[i].name, name) == 0) {
			return &roles[i];
		}
	}
	return NULL;
}

/* The plan is borrowed for the kinds of the actions before this one, `index` is its own. */
static int
read_input(const struct plan_reader *reader, const struct plan *plan, size_t index,
	enum action_kind kind, const json_t *pair, struct action_input *ret_input)
{
	const char *name = json_string_value(json_array_get(pair, 0));
	const json_t *number = json_array_get(pair, 1);
	json_int_t at = json_integer_value(number);

	if (json_array_size(pair) != 2 || !name || !json_is_integer(number)) {
		return plan_complain(reader, "inputs", "expected pairs [\"role\", index]");
	}
	const struct role *role = find_role(kind, name);
	if (!role) {
		return plan_complain(
			reader, "inputs", "%s takes no input as '%s'", kind_names[kind], name);
	}
	if (at < 0 || (size_t)at >= index) {
		return plan_complain(reader, "inputs",
			"'%s' is action %" JSON_INTEGER_FORMAT ", which is not an earlier one",
			name, at);
	}
	bool is_file = plan->actions[at].kind == ACTION_FETCH;
	if (is_file != (kind == ACTION_UNPACK)) {
		return plan_complain(reader, "inputs", "'%s' must be a %s, action %zu is a %s",
			name, is_file ? "tree" : "fetched file", (size_t)at,
			is_file ? "file" : "tree");
	}
	*ret_input = (struct action_input){role->name, (size_t)at};
	return 0;
}

static int
check_counts(const struct plan_reader *reader, const struct action *action)
{
	for (size_t i = 0; i < ROLES; i++) {
		size_t count = 0;
		if (roles[i].kind != action->kind) {
			continue;
		}
		for (size_t j = 0; j < action->input_count; j++) {
			count += action->inputs[j].role == roles[i].name;
		}
		if (count < roles[i].least || count > roles[i].most) {
			return plan_complain(reader, "inputs", "expected %s '%s', got %zu",
				roles[i].most == 1 ? (roles[i].least ? "one" : "at most one")
						   : "at least one",
				roles[i].name, count);
		}
	}
	return 0;
}

static int
read_inputs(const struct plan_reader *reader, const struct plan *plan, size_t index,
	struct action *action)
{
	const json_t *list = json_object_get(reader->object, "inputs");
	size_t count = json_array_size(list);

	if (list && !json_is_array(list)) {
		return plan_complain(reader, "inputs", "expected an array");
	}
	struct action_input *inputs = arena_alloc(reader->arena, count + 1, sizeof(*inputs));
	for (size_t i = 0; i < count; i++) {
		if (read_input(reader, plan, index, action->kind, json_array_get(list, i),
			    &inputs[i]) < 0) {
			return -1;
		}
	}
	action->inputs = inputs;
	action->input_count = count;
	return check_counts(reader, action);
}

static int
read_action(struct plan *plan, json_t *object, size_t index, struct err *err)
{
	struct action *action = &plan->actions[index];
	const char *kind = NULL;
	struct plan_reader reader = {.arena = &plan->arena, .object = object, .err = err};

	reader.place = arena_printf(&plan->arena, "action %zu", index);
	if (!json_is_object(object)) {
		return plan_complain(&reader, NULL, "expected an object");
	}
	action->name = action->where = "";
	if (plan_text(&reader, "kind", true, &kind) < 0 ||
		plan_text(&reader, "name", false, &action->name) < 0 ||
		plan_text(&reader, "where", false, &action->where) < 0) {
		return -1;
	}
	size_t known = 0;
	while (known < KINDS && strcmp(kind, kind_names[known]) != 0) {
		known++;
	}
	if (known == KINDS) {
		return plan_complain(&reader, "kind", "'%s' is no kind of action", kind);
	}
	action->kind = (enum action_kind)known;
	action->body = object;
	reader.place = arena_printf(&plan->arena, "action %zu (%s%s%s)", index, kind,
		*action->where ? ", " : "", action->where);
	return read_inputs(&reader, plan, index, action) < 0 ? -1 : plan_body(&reader, action);
}

static int
read_actions(struct plan *plan, struct err *err)
{
	const json_t *list = json_object_get(plan->document, "actions");

	if (!json_is_array(list)) {
		return err_fail(err, STATUS_RECIPE, "plan: field 'actions': expected an array");
	}
	plan->action_count = json_array_size(list);
	plan->actions = arena_alloc(&plan->arena, plan->action_count + 1, sizeof(*plan->actions));
	for (size_t i = 0; i < plan->action_count; i++) {
		if (read_action(plan, json_array_get(list, i), i, err) < 0) {
			return -1;
		}
	}
	return 0;
}

/* "default" first, then by name. */
static int
by_output_name(const void *left, const void *right)
{
	const struct plan_output *a = left, *b = right;
	bool is_a_default = strcmp(a->name, "default") == 0;
	bool is_b_default = strcmp(b->name, "default") == 0;

	return is_a_default != is_b_default ? is_b_default - is_a_default
					    : strcmp(a->name, b->name);
}

static int
read_output(struct plan *plan, const char *name, const json_t *value, struct err *err)
{
	json_int_t index = json_integer_value(value);

	if (!json_is_integer(value) || index < 0 || (size_t)index >= plan->action_count) {
		return err_fail(
			err, STATUS_RECIPE, "plan: output '%s': expected an action's index", name);
	}
	if (plan->actions[index].kind == ACTION_FETCH) {
		return err_fail(err, STATUS_RECIPE,
			"plan: output '%s': action %zu is a file, not a tree", name, (size_t)index);
	}
	plan->outputs[plan->output_count++] =
		(struct plan_output){arena_strdup(&plan->arena, name), (size_t)index};
	return 0;
}

static int
read_outputs(struct plan *plan, struct err *err)
{
	json_t *outputs = json_object_get(plan->document, "outputs");
	const char *name;
	json_t *value;

	if (!json_is_integer(json_object_get(outputs, "default"))) {
		return err_fail(err, STATUS_RECIPE,
			"plan: field 'outputs': expected an object with a 'default'");
	}
	plan->outputs =
		arena_alloc(&plan->arena, json_object_size(outputs), sizeof(*plan->outputs));
	json_object_foreach(outputs, name, value)
	{
		if (read_output(plan, name, value, err) < 0) {
			return -1;
		}
	}
	qsort(plan->outputs, plan->output_count, sizeof(*plan->outputs), by_output_name);
	return 0;
}

static int
read_plan(struct plan *plan, struct err *err)
{
	static const char *const known[] = {"version", "actions", "outputs", "about", NULL};
	struct plan_reader reader = {&plan->arena, plan->document, "top level", err};

	if (plan_known(&reader, known) < 0) {
		return -1;
	}
	const json_t *version = json_object_get(plan->document, "version");
	if (!json_is_integer(version) || json_integer_value(version) != 1) {
		return plan_complain(&reader, "version", "expected 1");
	}
	if (plan_env(&reader, "about", &plan->about, &plan->about_count) < 0) {
		return -1;
	}
	return read_actions(plan, err) < 0 ? -1 : read_outputs(plan, err);
}

int
plan_parse(const char *text, size_t length, struct plan *ret_plan, struct err *err)
{
	struct plan plan = {0};
	json_error_t where;

	plan.document = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
	if (!plan.document) {
		return err_fail(err, STATUS_RECIPE, "plan: line %d, column %d: %s", where.line,
			where.column, where.text);
	}
	if (read_plan(&plan, err) < 0) {
		plan_done(&plan);
		return -1;
	}
	*ret_plan = plan;
	return 0;
}

void
plan_done(struct plan *plan)
{
	json_decref(plan->document);
	arena_done(&plan->arena);
	*plan = (struct plan){0};
}

const struct plan_output *
plan_output_get(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->output_count; i++) {
		if (strcmp(plan->outputs[i].name, name) == 0) {
			return &plan->outputs[i];
		}
	}
	return NULL;
}

static int
add_piece(const char *piece, size_t length, void *context)
{
	buf_add(context, piece, length);
	return 0;
}

void
plan_print(const struct plan *plan, struct buf *ret_text)
{
	const size_t flags = JSON_SORT_KEYS | JSON_COMPACT;
	json_t *list = json_object_get(plan->document, "actions");

	buf_puts(ret_text, "{");
	if (plan->about_count) {
		buf_puts(ret_text, "\"about\":");
		json_dump_callback(
			json_object_get(plan->document, "about"), add_piece, ret_text, flags);
		buf_puts(ret_text, ",");
	}
	buf_puts(ret_text, "\"actions\":[");
	for (size_t i = 0; i < plan->action_count; i++) {
		buf_puts(ret_text, i ? ",\n" : "\n");
		json_dump_callback(json_array_get(list, i), add_piece, ret_text, flags);
	}
	buf_puts(ret_text, "\n],\"outputs\":");
	json_dump_callback(json_object_get(plan->document, "outputs"), add_piece, ret_text, flags);
	buf_puts(ret_text, ",\"version\":1}\n");
}
