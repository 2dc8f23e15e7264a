/* SPDX-License-Identifier: MIT */
#include "command/options.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/nearest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct option_row *
find_long(const struct option_row *rows, const char *name, size_t length)
{
	for (; rows->name; rows++) {
		if (strlen(rows->name) == length && memcmp(rows->name, name, length) == 0) {
			return rows;
		}
	}
	return NULL;
}

static const struct option_row *
find_letter(const struct option_row *rows, char letter)
{
	for (; rows->name; rows++) {
		if (rows->letter == letter) {
			return rows;
		}
	}
	return NULL;
}

/* The option whose name is nearest to what was typed, or begins so. */
static const char *
find_nearest(const struct option_row *rows, const char *typed)
{
	cleanup_free const char **names = NULL;
	const char *whole = NULL;
	size_t count = 0;

	for (; rows->name; rows++) {
		names = mem_resize(names, count + 1, sizeof(*names));
		names[count++] = rows->name;
		if (strlen(typed) > 1 && strncmp(rows->name, typed, strlen(typed)) == 0) {
			whole = rows->name;
		}
	}
	return whole ? whole : nearest_name(typed, names, count);
}

static int
complain_unknown(
	const char *command, const struct option_row *rows, const char *typed, struct err *err)
{
	const char *nearest = strncmp(typed, "--", 2) == 0 ? find_nearest(rows, typed + 2) : NULL;

	err_fail(err, STATUS_USAGE, "%s has no option '%s'", command, typed);
	return nearest ? err_hint(err, "did you mean --%s?", nearest)
		       : err_hint(err, "brun help %s lists them", command);
}

static int
take_count(const struct option_row *row, const char *value, struct err *err)
{
	char *end = NULL;

	errno = 0;
	unsigned long count = strtoul(value, &end, 10);
	if (errno || value[0] < '0' || value[0] > '9' || *end || count < 1 || count > 4096) {
		return err_fail(err, STATUS_USAGE,
			"--%s takes a whole number from 1 to 4096, got '%s'", row->name, value);
	}
	*(unsigned *)row->slot = (unsigned)count;
	return 0;
}

static int
take_value(const struct option_row *row, const char *value, struct err *err)
{
	struct option_list *list = row->slot;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)row->slot = true;
		return 0;
	case OPTION_TEXT:
		*(const char **)row->slot = value;
		return 0;
	case OPTION_COUNT:
		return take_count(row, value, err);
	case OPTION_LIST:
		if (list->count == sizeof(list->items) / sizeof(*list->items)) {
			return err_fail(err, STATUS_USAGE, "--%s is given more than %zu times",
				row->name, list->count);
		}
		list->items[list->count++] = value;
		return 0;
	}
	return 0;
}

/* Takes argv[i] as a long option; returns how many elements it used, or -1. */
static int
take_long(char **argv, int i, int argc, const struct option_row *rows, struct err *err)
{
	const char *name = argv[i] + 2;
	const char *equals = strchr(name, '=');
	const struct option_row *row =
		find_long(rows, name, equals ? (size_t)(equals - name) : strlen(name));

	if (!row) {
		return complain_unknown(argv[0], rows, argv[i], err);
	}
	if (row->kind == OPTION_FLAG) {
		if (equals) {
			return err_fail(err, STATUS_USAGE, "--%s takes no value", row->name);
		}
		return take_value(row, NULL, err) < 0 ? -1 : 1;
	}
	if (!equals && i + 1 >= argc) {
		return err_fail(
			err, STATUS_USAGE, "--%s needs a value: %s", row->name, row->operand);
	}
	if (take_value(row, equals ? equals + 1 : argv[i + 1], err) < 0) {
		return -1;
	}
	return equals ? 1 : 2;
}

/* Takes argv[i] as a bundle of letters, the last of which may have a value ("-kj4", "-j 4"). */
static int
take_letters(char **argv, int i, int argc, const struct option_row *rows, struct err *err)
{
	for (const char *at = argv[i] + 1; *at; at++) {
		const struct option_row *row = find_letter(rows, *at);
		if (!row) {
			return complain_unknown(argv[0], rows, argv[i], err);
		}
		if (row->kind == OPTION_FLAG) {
			(void)take_value(row, NULL, err);
			continue;
		}
		if (!at[1] && i + 1 >= argc) {
			return err_fail(err, STATUS_USAGE, "-%c needs a value: %s", row->letter,
				row->operand);
		}
		if (take_value(row, at[1] ? at + 1 : argv[i + 1], err) < 0) {
			return -1;
		}
		return at[1] ? 1 : 2;
	}
	return 1;
}

static int
parse(int argc, char **argv, const struct option_row *rows, bool stops_early, int *ret_count,
	struct err *err)
{
	int operands = 0;
	bool is_over = false;

	for (int i = 1; i < argc;) {
		int used = 1;
		if (is_over || argv[i][0] != '-' || argv[i][1] == '\0') {
			is_over |= stops_early;
			argv[++operands] = argv[i];
		} else if (strcmp(argv[i], "--") == 0) {
			is_over = true;
		} else if (argv[i][1] == '-') {
			used = take_long(argv, i, argc, rows, err);
		} else {
			used = take_letters(argv, i, argc, rows, err);
		}
		if (used < 0) {
			return -1;
		}
		i += used;
	}
	*ret_count = operands;
	return 0;
}

/* Where the help of an option starts; on a line of its own where the option reaches there. */
enum { HELP_COLUMN = 26 };

static void
describe(const struct option_row *rows, struct buf *text)
{
	for (; rows->name; rows++) {
		size_t start = text->length;
		if (rows->letter) {
			buf_printf(text, "  -%c, --%s", rows->letter, rows->name);
		} else {
			buf_printf(text, "      --%s", rows->name);
		}
		if (rows->operand) {
			buf_printf(text, " %s", rows->operand);
		}
		size_t width = text->length - start;
		if (width >= HELP_COLUMN) {
			buf_putc(text, '\n');
			width = 0;
		}
		buf_printf(text, "%*s%s\n", (int)(HELP_COLUMN - width), "", rows->help);
	}
}

int
options_begin(int argc, char **argv, const struct option_row *rows,
	const struct option_operands *operands, struct buf *ret_help, int *ret_count,
	struct err *err)
{
	int count = 0;

	if (ret_help) {
		describe(rows, ret_help);
		return 1;
	}
	if (parse(argc, argv, rows, operands->ends_options, &count, err) < 0) {
		return -1;
	}
	if (count < operands->least || count > operands->most) {
		err_fail(err, STATUS_USAGE, "%s takes %s, got %d", argv[0], operands->what, count);
		return err_hint(err, "brun help %s tells how", argv[0]);
	}
	*ret_count = count;
	return 0;
}
