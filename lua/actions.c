/* SPDX-License-Identifier: MIT */
#include "actions.h"

#include "base/buf.h"
#include "base/mem.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

/* What makes two actions one. A fetch is its hash: two recipes may know different addresses. */
static char *
canonical(const json_t *action)
{
	const json_t *sha256 = json_object_get(action, "sha256");

	return json_dumps(sha256 ? sha256 : action,
		JSON_SORT_KEYS | JSON_COMPACT | (sha256 ? JSON_ENCODE_ANY : 0));
}

static bool
has_text(const json_t *list, const json_t *text)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item)
	{
		if (json_equal(item, text)) {
			return true;
		}
	}
	return false;
}

/* A file that two recipes fetch can come from the addresses of both. */
static void
join_urls(json_t *to, const json_t *from)
{
	size_t i;
	json_t *url;

	json_array_foreach(from, i, url)
	{
		if (!has_text(to, url)) {
			json_array_append(to, url);
		}
	}
}

size_t
actions_add(struct actions *actions, json_t *take_action, const char *name, const char *where)
{
	cleanup_free char *text = canonical(take_action);

	actions->list = actions->list ? actions->list : json_array();
	actions->indices = actions->indices ? actions->indices : json_object();
	const json_t *old = json_object_get(actions->indices, text);
	size_t index = old ? (size_t)json_integer_value(old) : json_array_size(actions->list);
	if (old) {
		join_urls(json_object_get(actions_get(actions, index), "urls"),
			json_object_get(take_action, "urls"));
		json_decref(take_action);
		return index;
	}
	json_object_set_new(actions->indices, text, json_integer((json_int_t)index));
	json_object_set_new(take_action, "name", json_string(name));
	json_object_set_new(take_action, "where", json_string(where));
	json_array_append_new(actions->list, take_action);
	actions->bytes += strlen(text) + strlen(name) + strlen(where);
	return index;
}

const char *
actions_kind(const struct actions *actions, size_t index)
{
	return json_string_value(json_object_get(json_array_get(actions->list, index), "kind"));
}

static json_t *
input_number(const json_t *inputs, size_t at)
{
	return json_array_get(json_array_get(inputs, at), 1);
}

static const json_t *
inputs_of(const struct actions *actions, size_t index)
{
	return json_object_get(json_array_get(actions->list, index), "inputs");
}

size_t
actions_input_count(const struct actions *actions, size_t index)
{
	return json_array_size(inputs_of(actions, index));
}

size_t
actions_input(const struct actions *actions, size_t index, size_t at)
{
	return (size_t)json_integer_value(input_number(inputs_of(actions, index), at));
}

json_t *
actions_get(const struct actions *actions, size_t index)
{
	return json_array_get(actions->list, index);
}

/* Marks what is needed; inputs come before their users, so one pass from the end is enough. */
static void
mark(const struct actions *actions, json_t *outputs, bool *is_needed)
{
	const char *name;
	json_t *index;

	json_object_foreach(outputs, name, index)
	{
		is_needed[json_integer_value(index)] = true;
	}
	for (size_t i = json_array_size(actions->list); i-- > 0;) {
		for (size_t j = 0; is_needed[i] && j < actions_input_count(actions, i); j++) {
			is_needed[actions_input(actions, i, j)] = true;
		}
	}
}

json_t *
actions_unfilled(const struct actions *actions, json_t *outputs)
{
	size_t count = json_array_size(actions->list), j;
	cleanup_free bool *is_needed = mem_zalloc(count + 1, sizeof(*is_needed));
	json_t *url;

	mark(actions, outputs, is_needed);
	for (size_t i = 0; i < count; i++) {
		json_t *action = actions_get(actions, i);
		json_array_foreach(json_object_get(action, "urls"), j, url)
		{
			if (is_needed[i] && strstr(json_string_value(url), "${")) {
				return action;
			}
		}
	}
	return NULL;
}

/* A shallow copy of an action with its inputs renumbered. */
static json_t *
renumbered(const json_t *action, const size_t *numbers)
{
	json_t *copy = json_copy((json_t *)action);
	json_t *inputs = json_deep_copy(json_object_get(action, "inputs"));

	for (size_t i = 0; i < json_array_size(inputs); i++) {
		json_t *number = input_number(inputs, i);
		json_integer_set(number, (json_int_t)numbers[json_integer_value(number)]);
	}
	if (inputs) {
		json_object_set_new(copy, "inputs", inputs);
	}
	return copy;
}

static int
add_piece(const char *piece, size_t length, void *context)
{
	buf_add(context, piece, length);
	return 0;
}

void
actions_plan(const struct actions *actions, json_t *take_outputs, json_t *take_about,
	struct buf *ret_plan)
{
	size_t count = json_array_size(actions->list), kept = 0;
	cleanup_free bool *is_needed = mem_zalloc(count + 1, sizeof(*is_needed));
	cleanup_free size_t *numbers = mem_zalloc(count + 1, sizeof(*numbers));
	json_t *list = json_array();
	const char *name;
	json_t *index;

	mark(actions, take_outputs, is_needed);
	for (size_t i = 0; i < count; i++) {
		if (is_needed[i]) {
			numbers[i] = kept++;
			json_array_append_new(
				list, renumbered(json_array_get(actions->list, i), numbers));
		}
	}
	json_object_foreach(take_outputs, name, index)
	{
		json_integer_set(index, (json_int_t)numbers[json_integer_value(index)]);
	}
	json_t *plan = json_pack(
		"{s:i, s:o, s:o}", "version", 1, "actions", list, "outputs", take_outputs);
	if (json_object_size(take_about)) {
		json_object_set(plan, "about", take_about);
	}
	json_decref(take_about);
	json_dump_callback(plan, add_piece, ret_plan, JSON_SORT_KEYS | JSON_COMPACT);
	json_decref(plan);
}

void
actions_done(struct actions *actions)
{
	json_decref(actions->list);
	json_decref(actions->indices);
	*actions = (struct actions){0};
}
