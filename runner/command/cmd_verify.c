/* SPDX-License-Identifier: MIT */
/* brun verify [--repair] */
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "command/building.h"
#include "command/cmd.h"
#include "command/interrupt.h"
#include "store/store.h"
#include "store/store_audit.h"
#include "text/amount.h"
#include "text/printable.h"

#include <stdio.h>

static void
tell_waiting(void *context, int pid)
{
	(void)context;
	fprintf(stderr, "brun: waiting for process %d, which looks through the whole store\n", pid);
}

static void
print_problem(void *context, const struct audit_problem *problem)
{
	static const char *const repairs[] = {[AUDIT_LEFT] = "",
		[AUDIT_SET_ASIDE] = "; set aside",
		[AUDIT_IN_USE] = "; a running build uses it: left"};
	cleanup_free char *path = printable_name(problem->path);
	cleanup_free char *name = printable_name(problem->name);
	cleanup_free char *why = printable_text(problem->why);

	(void)context;
	printf("%s %s%s%s%s: %s%s\n", problem->what, path, *name ? " (" : "", name,
		*name ? ")" : "", why, repairs[problem->repair]);
}

static void
print_summary(const struct audit_result *result)
{
	cleanup_buf struct buf text = {0};

	buf_printf(&text, "%zu trees, %zu fetched files, %zu records: ", result->trees,
		result->blobs, result->records);
	amount_add_bytes(&text, result->bytes);
	buf_printf(&text, " in %llu files read, ", (unsigned long long)result->files);
	if (result->problems) {
		buf_printf(&text, "%zu wrong, %zu set aside", result->problems, result->repaired);
	} else {
		buf_puts(&text, "all is well");
	}
	if (result->treeless) {
		buf_printf(&text, "; %zu outputs are known, but not here", result->treeless);
	}
	if (result->logless) {
		buf_printf(&text, "; %zu steps have lost their log", result->logless);
	}
	puts(buf_text(&text));
}

static int
judge(const struct audit_result *result, bool repairs, struct err *err)
{
	if (!result->problems) {
		return 0;
	}
	err_fail(err, STATUS_STORE, "the store is damaged: %zu thing%s in it %s not what %s",
		result->problems, result->problems == 1 ? "" : "s",
		result->problems == 1 ? "is" : "are",
		result->problems == 1 ? "it says" : "they say");
	return err_hint(err, repairs ? "the next build makes anew what was set aside (in trash/, "
				       "until brun gc)"
				     : "brun verify --repair sets them aside, so that the next "
				       "build makes them anew");
}

static int
verify(struct audit_options *options, struct store *store, struct err *err)
{
	struct audit_result result;

	options->waiting = tell_waiting;
	options->report = print_problem;
	options->cancel_fd = interrupt_open(err);
	if (options->cancel_fd < 0) {
		return -1;
	}
	int status = store_audit(store, options, &result, err);
	if (status < 0) {
		interrupt_explain(options->cancel_fd, err);
	}
	interrupt_close(options->cancel_fd);
	if (status < 0) {
		return -1;
	}
	print_summary(&result);
	return judge(&result, options->repairs, err);
}

int
cmd_verify(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	struct building building = {0};
	struct audit_options options = {0};
	cleanup_store struct store *store = NULL;
	int count = 0;
	const struct option_row rows[] = {
		{0, "repair", OPTION_FLAG, &options.repairs, NULL,
			"set aside what is wrong, so that the next build makes it anew"},
		OPTION_STORE(&building.store),
		{0},
	};
	const struct option_operands operands = {0, 0, "no operand", false};

	int begun = options_begin(argc, argv, rows, &operands, ret_help, &count, err);
	if (begun != 0) {
		return begun < 0 ? -1 : 0;
	}
	if (building_open_store(&building, &store, err) < 0) {
		return -1;
	}
	return verify(&options, store, err);
}
