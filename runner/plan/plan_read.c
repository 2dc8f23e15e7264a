/* SPDX-License-Identifier: MIT */
#include "plan/plan_body.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "plan/plan.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int
plan_complain(const struct plan_reader *reader, const char *field, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cleanup_free char *text = mem_vprintf(format, args);
	va_end(args);
	if (!field) {
		return err_fail(reader->err, STATUS_RECIPE, "plan: %s: %s", reader->place, text);
	}
	return err_fail(
		reader->err, STATUS_RECIPE, "plan: %s: field '%s': %s", reader->place, field, text);
}

static const char *
type_name(const json_t *value)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "an object",
		[JSON_ARRAY] = "an array",
		[JSON_STRING] = "a string",
		[JSON_INTEGER] = "an integer",
		[JSON_REAL] = "a fraction",
		[JSON_TRUE] = "true",
		[JSON_FALSE] = "false",
		[JSON_NULL] = "null",
	};

	return value ? names[json_typeof(value)] : "nothing";
}

static int
mismatch(const struct plan_reader *reader, const char *field, const char *wanted,
	const json_t *value)
{
	return plan_complain(reader, field, "expected %s, got %s", wanted, type_name(value));
}

int
plan_known(const struct plan_reader *reader, const char *const *names)
{
	const char *key;
	json_t *value;

	if (!json_is_object(reader->object)) {
		return plan_complain(
			reader, NULL, "expected an object, got %s", type_name(reader->object));
	}
	json_object_foreach(reader->object, key, value)
	{
		bool is_known = false;
		for (size_t i = 0; names[i] && !is_known; i++) {
			is_known = strcmp(key, names[i]) == 0;
		}
		if (!is_known) {
			return plan_complain(reader, key, "unknown here");
		}
	}
	return 0;
}

int
plan_text(const struct plan_reader *reader, const char *field, bool is_required,
	const char **ret_text)
{
	const json_t *value = json_object_get(reader->object, field);

	if (!value && !is_required) {
		return 0;
	}
	if (!json_is_string(value)) {
		return mismatch(reader, field, "a string", value);
	}
	*ret_text =
		arena_strndup(reader->arena, json_string_value(value), json_string_length(value));
	return 0;
}

int
plan_texts(const struct plan_reader *reader, const char *field, size_t least,
	const char *const **ret_texts)
{
	const json_t *value = json_object_get(reader->object, field);
	size_t count = json_array_size(value);

	if (value ? !json_is_array(value) : least > 0) {
		return mismatch(reader, field, "an array of strings", value);
	}
	if (count < least) {
		return plan_complain(
			reader, field, "expected at least %zu strings, got %zu", least, count);
	}
	const char **texts = arena_alloc(reader->arena, count + 1, sizeof(*texts));
	for (size_t i = 0; i < count; i++) {
		const json_t *item = json_array_get(value, i);
		if (!json_is_string(item)) {
			return mismatch(reader, field, "an array of strings only", item);
		}
		texts[i] = arena_strdup(reader->arena, json_string_value(item));
	}
	*ret_texts = texts;
	return 0;
}

int
plan_number(
	const struct plan_reader *reader, const char *field, uint64_t most, uint64_t *ret_number)
{
	const json_t *value = json_object_get(reader->object, field);

	if (!value) {
		return 0;
	}
	json_int_t number = json_integer_value(value);
	if (!json_is_integer(value) || number < 0 || (uint64_t)number > most) {
		return plan_complain(reader, field, "expected an integer from 0 to %ju, got %s",
			(uintmax_t)most, json_is_integer(value) ? "another" : type_name(value));
	}
	*ret_number = (uint64_t)number;
	return 0;
}

int
plan_flag(const struct plan_reader *reader, const char *field, bool *ret_flag)
{
	const json_t *value = json_object_get(reader->object, field);

	if (value && !json_is_boolean(value)) {
		return mismatch(reader, field, "true or false", value);
	}
	*ret_flag = value ? json_is_true(value) : *ret_flag;
	return 0;
}

static int
by_name(const void *left, const void *right)
{
	const struct name_value *a = left, *b = right;

	return strcmp(a->name, b->name);
}

int
plan_env(const struct plan_reader *reader, const char *field, const struct name_value **ret_env,
	size_t *ret_count)
{
	json_t *object = json_object_get(reader->object, field);
	const char *name;
	json_t *value;
	size_t count = 0;

	if (object && !json_is_object(object)) {
		return mismatch(reader, field, "an object of strings", object);
	}
	struct name_value *env =
		arena_alloc(reader->arena, json_object_size(object) + 1, sizeof(*env));
	json_object_foreach(object, name, value)
	{
		if (*name == '\0' || strchr(name, '=')) {
			return plan_complain(
				reader, field, "'%s' cannot be a variable's name", name);
		}
		if (!json_is_string(value)) {
			return mismatch(reader, field, "strings only", value);
		}
		env[count++] = (struct name_value){arena_strdup(reader->arena, name),
			arena_strdup(reader->arena, json_string_value(value))};
	}
	/* A step sees the order of its environment, so it has to come from the contents. */
	qsort(env, count, sizeof(*env), by_name);
	*ret_env = env;
	*ret_count = count;
	return 0;
}
