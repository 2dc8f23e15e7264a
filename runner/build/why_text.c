/* SPDX-License-Identifier: MIT */
#include "build/why_text.h"

#include "base/buf.h"
#include "text/logtext.h"

#include <jansson.h>
#include <string.h>
#include <time.h>

enum { COLUMNS = 100 };

static const char *
get(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static void
print_value(struct buf *text, const json_t *value)
{
	const char *string = json_string_value(value);

	if (string) {
		buf_putc(text, '"');
		logtext_add_line(text, string, strlen(string), COLUMNS);
		buf_putc(text, '"');
	} else {
		buf_puts(text, "nothing");
	}
}

static void
print_files(struct buf *text, const json_t *files)
{
	size_t i;
	json_t *file;

	json_array_foreach(files, i, file)
	{
		const char *path = json_string_value(json_array_get(file, 0));
		buf_printf(text, "    %s: ", json_string_value(json_array_get(file, 1)));
		logtext_add_line(text, path, strlen(path), COLUMNS);
		buf_putc(text, '\n');
	}
	if (json_array_size(files) == WHY_FILES_NAMED) {
		buf_puts(text, "    and maybe more\n");
	}
}

/* "  input src (glob): 0123456789abcdef -> fedcba9876543210" */
static void
print_input(struct buf *text, const json_t *change)
{
	const char *was = get(change, "was"), *is = get(change, "is"), *name = get(change, "input");

	buf_printf(text, "  input %s", get(change, "detail"));
	if (*name) {
		buf_puts(text, " (");
		logtext_add_line(text, name, strlen(name), COLUMNS);
		buf_putc(text, ')');
	}
	buf_printf(text, ": %.16s -> %.16s\n", *was ? was : "nothing", *is ? is : "nothing");
	print_files(text, json_object_get(change, "files"));
}

static void
print_change(struct buf *text, const json_t *change)
{
	const char *component = get(change, "component"), *detail = get(change, "detail");

	if (strcmp(component, "inputs") == 0) {
		print_input(text, change);
		return;
	}
	buf_printf(text, "  %s%s", component, *detail ? " " : "");
	logtext_add_line(text, detail, strlen(detail), COLUMNS);
	buf_puts(text, ": ");
	print_value(text, json_object_get(change, "was"));
	buf_puts(text, " -> ");
	print_value(text, json_object_get(change, "is"));
	buf_putc(text, '\n');
}

static void
print_changed(struct buf *text, const json_t *object)
{
	time_t built = (time_t)json_integer_value(json_object_get(object, "built"));
	char date[64] = "";
	struct tm tm;
	size_t i;
	json_t *change;

	if (gmtime_r(&built, &tm)) {
		strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S UTC", &tm);
	}
	buf_printf(text, "differs from what was built at %s (%.16s)\n", date, get(object, "was"));
	json_array_foreach(json_object_get(object, "changes"), i, change)
	{
		print_change(text, change);
	}
}

static void
print_waits(struct buf *text, const json_t *object)
{
	size_t i;
	json_t *name;

	buf_puts(text, "waits for ");
	json_array_foreach(json_object_get(object, "waits_for"), i, name)
	{
		const char *string = json_string_value(name);
		buf_puts(text, i ? ", " : "");
		logtext_add_line(text, string, strlen(string), COLUMNS);
	}
	buf_putc(text, '\n');
}

void
why_text_add(struct buf *text, const json_t *object)
{
	const char *state = get(object, "state"), *name = get(object, "name");
	const char *where = get(object, "where");

	buf_printf(text, "%s ", get(object, "kind"));
	logtext_add_line(text, name, strlen(name), COLUMNS);
	if (*where) {
		buf_puts(text, " (");
		logtext_add_line(text, where, strlen(where), COLUMNS);
		buf_putc(text, ')');
	}
	buf_puts(text, ": ");
	if (strcmp(state, "changed") == 0) {
		print_changed(text, object);
	} else if (strcmp(state, "waiting") == 0) {
		print_waits(text, object);
	} else {
		buf_puts(text, strcmp(state, "new") == 0 ? "never built here\n"
			       : strcmp(state, "gone") == 0
				       ? "was built, but its output is no longer in the store\n"
				       : "not fetched yet\n");
	}
}
