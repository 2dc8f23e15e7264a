/* SPDX-License-Identifier: MIT */
#include "summary.h"

#include "base/buf.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { LIST_MAX = 6 };

static const json_t *
get(const json_t *object, const char *key)
{
	return json_object_get(object, key);
}

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(get(object, key));

	return text ? text : "";
}

static void
add_size(struct buf *text, const json_t *bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB"};
	double size = (double)json_integer_value(bytes);
	size_t unit = 0;

	for (; size >= 1000 && unit + 1 < sizeof(units) / sizeof(*units); unit++) {
		size /= 1000;
	}
	buf_printf(text, "%.*f %s", unit > 0 && size < 100, size, units[unit]);
}

static void
add_totals(const json_t *root, struct buf *text)
{
	const json_t *size = get(root, "size");

	buf_printf(text, "%zu packed programs; %lld files, ",
		json_array_size(get(root, "programs")),
		(long long)json_integer_value(get(size, "files")));
	add_size(text, get(size, "bytes"));
	buf_puts(text, ": programs ");
	add_size(text, get(size, "programs"));
	buf_puts(text, ", libraries ");
	add_size(text, get(size, "libraries"));
	buf_puts(text, "; glibc of it ");
	add_size(text, get(size, "glibc"));
	buf_puts(text, "\n");
}

static void
add_env(const json_t *program, struct buf *text)
{
	json_t *env;
	size_t i;

	json_array_foreach(get(program, "env"), i, env)
	{
		buf_printf(text, "    %s %s=%s\n", text_of(env, "verb"), text_of(env, "name"),
			text_of(env, "value"));
	}
}

static void
add_programs(const json_t *root, struct buf *text)
{
	json_t *program;
	size_t i;

	json_array_foreach(get(root, "programs"), i, program)
	{
		buf_printf(text, "\n%s\n    %s", text_of(program, "path"),
			*text_of(program, "damage") ? "damaged: " : text_of(program, "starts"));
		if (*text_of(program, "script")) {
			buf_printf(text, " %s", text_of(program, "script"));
		}
		bool is_run = *text_of(program, "script") && !*text_of(program, "interpreter");
		buf_printf(text, "%s %s%s", text_of(program, "damage"), is_run ? "run by " : "",
			text_of(program, is_run ? "argv0" : "program"));
		size_t needed = json_array_size(get(program, "needed"));
		if (needed > 0) {
			buf_printf(text, " with %zu librar%s", needed, needed == 1 ? "y" : "ies");
		}
		buf_puts(text, "\n");
		add_env(program, text);
	}
}

static void
add_file(const char *name, const json_t *file, struct buf *text)
{
	cleanup_buf struct buf size = {0};

	if (get(file, "link")) {
		buf_printf(text, "             %s -> %s\n", name, text_of(file, "link"));
		return;
	}
	add_size(&size, get(file, "size"));
	buf_printf(text, "  %9s  %s: %s of %s", buf_text(&size), name, text_of(file, "path"),
		text_of(file, "from"));
	if (*text_of(file, "package")) {
		bool has_version = *text_of(file, "version");
		buf_printf(text, ", package %s%s%s", text_of(file, "package"),
			has_version ? " " : "", text_of(file, "version"));
	}
	buf_puts(text, json_is_true(get(file, "edited")) ? ", edited\n" : "\n");
}

static void
add_bundles(const json_t *root, struct buf *text)
{
	const char *id, *name;
	json_t *bundle, *file;

	json_object_foreach((json_t *)(uintptr_t)get(root, "bundles"), id, bundle)
	{
		buf_printf(text, "\nbrun-resources.d/%s (%s, %s)\n", id, text_of(bundle, "machine"),
			text_of(bundle, "libc"));
		json_object_foreach((json_t *)(uintptr_t)get(bundle, "files"), name, file)
		{
			add_file(name, file, text);
		}
	}
}

/* "PATH: a, b and 3 more", for arrays of texts. */
static void
add_list(const char *path, const json_t *list, long long more, struct buf *text)
{
	size_t count = json_array_size(list);

	buf_printf(text, "  %s:", path);
	for (size_t i = 0; i < count && i < LIST_MAX; i++) {
		const char *item = json_string_value(json_array_get(list, i));
		buf_printf(text, "%s %s", i > 0 ? "," : "", item ? item : "");
	}
	more += count > LIST_MAX ? (long long)(count - LIST_MAX) : 0;
	if (more > 0) {
		buf_printf(text, " and %lld more", more);
	}
	buf_puts(text, "\n");
}

static void
add_names(const json_t *root, const char *kind, const char *title, struct buf *text)
{
	const char *path;
	json_t *names;
	bool is_begun = false;

	json_object_foreach((json_t *)(uintptr_t)get(root, "names"), path, names)
	{
		bool is_host = strcmp(kind, "host") == 0;
		if (json_array_size(get(names, kind)) > 0) {
			buf_printf(text, "%s", is_begun ? "" : title);
			add_list(path, get(names, kind),
				is_host ? json_integer_value(get(names, "more")) : 0, text);
			is_begun = true;
		}
	}
}

static void
add_opens(const json_t *root, struct buf *text)
{
	const char *path;
	json_t *list, *item;
	size_t i;
	bool is_begun = false;

	json_object_foreach((json_t *)(uintptr_t)get(root, "opens"), path, list)
	{
		json_t *missing = json_array();
		json_array_foreach(list, i, item)
		{
			if (json_is_false(get(item, "is_there"))) {
				json_array_append(missing, json_object_get(item, "library"));
			}
		}
		if (json_array_size(missing) > 0) {
			buf_puts(text, is_begun ? ""
						: "\nNot here, but files that may be opened at run "
						  "time, by their names:\n");
			add_list(path, missing, 0, text);
			is_begun = true;
		}
		json_decref(missing);
	}
}

static void
add_problems(const json_t *root, struct buf *text)
{
	json_t *problem;
	size_t i;

	json_array_foreach(get(root, "problems"), i, problem)
	{
		buf_printf(text, "%s  %s\n", i == 0 ? "\nWrong with it:\n" : "",
			json_string_value(problem));
	}
}

void
summary_print(const json_t *root, struct buf *ret_text)
{
	add_totals(root, ret_text);
	add_programs(root, ret_text);
	add_bundles(root, ret_text);
	add_opens(root, ret_text);
	add_names(root, "host", "\nPaths of the machine that are named:\n", ret_text);
	add_names(root, "build", "\nPaths of the build that are named:\n", ret_text);
	add_problems(root, ret_text);
}
