/* SPDX-License-Identifier: MIT */
#include "plan/component_diff.h"

#include "base/buf.h"
#include "base/mem.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct diff {
	component_change_fn *tell;
	void *context;
	int count;
};

static void
tell(struct diff *diff, struct component_change change)
{
	diff->count++;
	if (diff->tell) {
		diff->tell(diff->context, &change);
	}
}

/* A string as it is, all else as JSON; NULL where it is not there. */
static char *
text_of(const json_t *value)
{
	if (!value) {
		return NULL;
	}
	if (json_is_string(value)) {
		return mem_strdup(json_string_value(value));
	}
	return json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
}

static void
compare_values(struct diff *diff, const char *component, const char *detail, const json_t *was,
	const json_t *is)
{
	cleanup_free char *old = text_of(was), *new = text_of(is);

	if (!old || !new || strcmp(old, new) != 0) {
		tell(diff, (struct component_change){component, detail, old, new, SIZE_MAX});
	}
}

/* env, packages: by name. */
static void
compare_objects(struct diff *diff, const char *component, json_t *was, json_t *is)
{
	const char *name;
	json_t *value;

	json_object_foreach(was, name, value)
	{
		if (!json_equal(value, json_object_get(is, name))) {
			compare_values(diff, component, name, value, json_object_get(is, name));
		}
	}
	json_object_foreach(is, name, value)
	{
		if (!json_object_get(was, name)) {
			compare_values(diff, component, name, NULL, value);
		}
	}
}

/* A base's packages, "NAME:…", as an object. */
static json_t *
by_name(const json_t *packages)
{
	json_t *object = json_object(), *package;
	size_t i;

	json_array_foreach(packages, i, package)
	{
		const char *text = json_string_value(package);
		size_t length = text ? strcspn(text, ":") : 0;
		if (length > 0 && text[length]) {
			json_object_setn_new(object, text, length, json_string(text + length + 1));
		}
	}
	return object;
}

static void
compare_packages(struct diff *diff, const json_t *was, const json_t *is)
{
	json_t *old = by_name(was), *new = by_name(is);

	compare_objects(diff, "packages", old, new);
	json_decref(old);
	json_decref(new);
}

/* The pieces of a script as its lines. */
static char *
join(const json_t *pieces)
{
	struct buf text = {0};
	size_t i;
	json_t *piece;

	json_array_foreach(pieces, i, piece)
	{
		const char *string = json_string_value(piece);
		buf_puts(&text, string ? string : "");
		buf_putc(&text, '\n');
	}
	return buf_take(&text);
}

/* The next line of a text, without its newline; NULL behind the last. */
static char *
next_line(const char **at)
{
	size_t length = strcspn(*at, "\n");

	if (!**at) {
		return NULL;
	}
	char *line = mem_strndup(*at, length);
	*at += length + ((*at)[length] == '\n');
	return line;
}

/* A script: its first line that differs is told, the rest follows from the recipe. */
static void
compare_scripts(struct diff *diff, const json_t *was, const json_t *is)
{
	cleanup_free char *old = join(was), *new = join(is);
	const char *old_at = old, *new_at = new;

	for (unsigned number = 1;; number++) {
		cleanup_free char *old_line = next_line(&old_at), *new_line = next_line(&new_at);
		if (!old_line && !new_line) {
			/* the pieces are cut otherwise */
			tell(diff, (struct component_change){"script", "", "", "", SIZE_MAX});
			return;
		}
		if (!old_line || !new_line || strcmp(old_line, new_line) != 0) {
			char detail[32];
			snprintf(detail, sizeof(detail), "line %u", number);
			tell(diff, (struct component_change){
					   "script", detail, old_line, new_line, SIZE_MAX});
			return;
		}
	}
}

/* The next input at or behind *index with this role: its id, or NULL. */
static const char *
next_input(const json_t *inputs, const char *role, size_t *index)
{
	for (; *index < json_array_size(inputs); (*index)++) {
		const json_t *pair = json_array_get(inputs, *index);
		const char *name = json_string_value(json_array_get(pair, 0));
		if (name && strcmp(name, role) == 0) {
			return json_string_value(json_array_get(pair, 1));
		}
	}
	return NULL;
}

static bool
has_input(const json_t *inputs, const char *role, const char *id)
{
	const char *other;

	for (size_t i = 0; (other = next_input(inputs, role, &i)); i++) {
		if (id && strcmp(other, id) == 0) {
			return true;
		}
	}
	return false;
}

/* The next input of the role that the other side lacks. */
static const char *
next_lone_input(const json_t *inputs, const json_t *others, const char *role, size_t *index)
{
	const char *id;

	while ((id = next_input(inputs, role, index)) && has_input(others, role, id)) {
		(*index)++;
	}
	return id;
}

static void
compare_role(struct diff *diff, const json_t *was, const json_t *is, const char *role)
{
	size_t old_index = 0, new_index = 0;

	for (;;) {
		const char *old = next_lone_input(was, is, role, &old_index);
		const char *new = next_lone_input(is, was, role, &new_index);
		if (!old && !new) {
			return;
		}
		tell(diff, (struct component_change){
				   "inputs", role, old, new, new ? new_index : SIZE_MAX});
		old_index++;
		new_index++;
	}
}

static void
compare_inputs(struct diff *diff, const json_t *was, const json_t *is)
{
	json_t *roles = json_object(), *pair;
	const json_t *const sides[] = {was, is};
	int before = diff->count;
	const char *role;
	size_t i;
	json_t *unused;

	for (size_t side = 0; side < 2; side++) {
		json_array_foreach(sides[side], i, pair)
		{
			const char *name = json_string_value(json_array_get(pair, 0));
			json_object_set_new(roles, name ? name : "", json_true());
		}
	}
	json_object_foreach(roles, role, unused)
	{
		(void)unused;
		compare_role(diff, was, is, role);
	}
	json_decref(roles);
	if (diff->count == before) {
		tell(diff, (struct component_change){
				   "inputs", "", "in another order", "in this order", SIZE_MAX});
	}
}

static void
compare_component(struct diff *diff, const char *name, json_t *was, json_t *is)
{
	if (strcmp(name, "inputs") == 0) {
		compare_inputs(diff, was, is);
	} else if (strcmp(name, "script") == 0 && was && is) {
		compare_scripts(diff, was, is);
	} else if (strcmp(name, "packages") == 0) {
		compare_packages(diff, was, is);
	} else if (json_is_object(was) || json_is_object(is)) {
		compare_objects(diff, name, was, is);
	} else {
		compare_values(diff, name, "", was, is);
	}
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
compare(struct diff *diff, json_t *was, json_t *is)
{
	cleanup_free const char **names =
		mem_alloc((json_object_size(was) + json_object_size(is) + 1) * sizeof(*names));
	const char *name;
	json_t *value;
	size_t count = 0;

	json_object_foreach(was, name, value)
	{
		names[count++] = name;
	}
	json_object_foreach(is, name, value)
	{
		if (!json_object_get(was, name)) {
			names[count++] = name;
		}
	}
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 0; i < count; i++) {
		json_t *old = json_object_get(was, names[i]), *new = json_object_get(is, names[i]);
		if (!json_equal(old, new)) {
			compare_component(diff, names[i], old, new);
		}
	}
}

int
component_diff(const char *was, const char *is, component_change_fn *tell_change, void *context)
{
	struct diff diff = {.tell = tell_change, .context = context};
	json_t *old = json_loads(was, JSON_REJECT_DUPLICATES, NULL);
	json_t *new = json_loads(is, JSON_REJECT_DUPLICATES, NULL);
	bool is_good = json_is_object(old) && json_is_object(new);

	if (is_good) {
		compare(&diff, old, new);
	}
	json_decref(old);
	json_decref(new);
	return is_good ? diff.count : -1;
}
