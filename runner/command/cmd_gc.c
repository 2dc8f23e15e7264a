/* SPDX-License-Identifier: MIT */
/* brun gc [--older-than AGE] [--max-size SIZE] [--dry-run] */
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "command/building.h"
#include "command/cmd.h"
#include "command/interrupt.h"
#include "store/store.h"
#include "store/store_gc.h"
#include "text/amount.h"
#include "text/printable.h"

#include <stdio.h>

static void
tell_waiting(void *context, int pid)
{
	(void)context;
	fprintf(stderr, "brun: waiting for the collection of process %d\n", pid);
}

static void
print_victim(void *context, const char *what, const char *id, const char *name)
{
	cleanup_free char *text = printable_name(name);

	(void)context;
	printf("%s %.16s %s\n", what, id, text);
}

static void
add_count(struct buf *text, size_t count, const char *what)
{
	if (count) {
		buf_printf(text, "%s%zu %s%s", text->length ? ", " : "", count, what,
			count == 1 ? "" : "s");
	}
}

static void
add_counts(struct buf *text, const struct gc_count *count)
{
	cleanup_buf struct buf list = {0};

	add_count(&list, count->trees, "tree");
	add_count(&list, count->blobs, "fetched file");
	add_count(&list, count->records, "record");
	add_count(&list, count->logs, "log");
	add_count(&list, count->plans, "remembered plan");
	add_count(&list, count->failed, "failed step");
	buf_puts(text, list.length ? buf_text(&list) : "nothing");
}

static void
print_summary(const struct gc_result *result, bool is_dry)
{
	cleanup_buf struct buf text = {0};

	buf_puts(&text, is_dry ? "would remove " : "removed ");
	add_counts(&text, &result->removed);
	buf_puts(&text, is_dry ? ", which would free " : ", which freed ");
	amount_add_bytes(&text, result->bytes);
	buf_puts(&text, "; kept ");
	add_counts(&text, &result->kept);
	puts(buf_text(&text));
}

static int
collect(struct gc_options *options, struct store *store, struct err *err)
{
	struct gc_result result;

	options->waiting = tell_waiting;
	options->removing = print_victim;
	options->cancel_fd = interrupt_open(err);
	if (options->cancel_fd < 0) {
		return -1;
	}
	int status = store_gc(store, options, &result, err);
	if (status < 0) {
		interrupt_explain(options->cancel_fd, err);
	} else {
		print_summary(&result, options->is_dry);
	}
	interrupt_close(options->cancel_fd);
	return status;
}

int
cmd_gc(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	struct building building = {0};
	struct gc_options options = {.older_than = -1};
	const char *age = NULL, *size = NULL;
	cleanup_store struct store *store = NULL;
	int count = 0;
	const struct option_row rows[] = {
		{0, "older-than", OPTION_TEXT, &age, "AGE",
			"keep what was used since then: 12h, 7d, 2w"},
		{0, "max-size", OPTION_TEXT, &size, "SIZE",
			"keep what was used last, as long as all fits into SIZE: 800M, 20G"},
		{'n', "dry-run", OPTION_FLAG, &options.is_dry, NULL, "show what would go"},
		OPTION_STORE(&building.store),
		{0},
	};
	const struct option_operands operands = {0, 0, "no operand", false};

	int begun = options_begin(argc, argv, rows, &operands, ret_help, &count, err);
	if (begun != 0) {
		return begun < 0 ? -1 : 0;
	}
	if ((age && amount_parse_age(age, &options.older_than, err) < 0) ||
		(size && amount_parse_size(size, &options.max_size, err) < 0) ||
		building_open_store(&building, &store, err) < 0) {
		return -1;
	}
	return collect(&options, store, err);
}
