/* SPDX-License-Identifier: MIT */
/* brun build RECIPE[:NAME] [-o DIR] */
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "building.h"
#include "cmd.h"
#include "output.h"
#include "request.h"
#include "store.h"

#include <stdio.h>

struct build_command {
	struct building building;
	const char *output;
	bool is_forced, is_raw;
};

/* Puts the output in its place and prints where that is. */
static int
deliver(const struct build_command *command, struct store *store, const struct digest *id,
	struct err *err)
{
	bool is_fresh = false;

	if (!command->output) {
		cleanup_free char *path = store_tree_path(store, id);
		puts(path);
		return 0;
	}
	if (output_write(store, id, command->output, command->is_forced, &is_fresh, err) < 0) {
		return -1;
	}
	puts(command->output);
	return 0;
}

static int
build(const struct build_command *command, struct request *request, struct store *store,
	struct err *err)
{
	struct digest id;

	if (!building_recall(&command->building, store, request, &id) &&
		(request_evaluate(request, err) < 0 ||
			building_run(&command->building, store, request, &id, err) < 0)) {
		return -1;
	}
	return command->building.is_dry ? 0 : deliver(command, store, &id, err);
}

static int
open_and_build(const struct build_command *command, const char *operand, struct err *err)
{
	struct request request;
	struct store *store = NULL;

	if (command->output && output_check(command->output, command->is_forced, err) < 0) {
		return -1;
	}
	if (request_find(operand, command->is_raw ? "raw" : "default", &request, err) < 0) {
		return -1;
	}
	int result = building_open_store(&command->building, &store, err);
	if (result == 0) {
		result = build(command, &request, store, err);
		store_close(store);
	}
	request_done(&request);
	return result;
}

int
cmd_build(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	struct build_command command = {0};
	int operands = 0;
	const struct option_row rows[] = {
		{'o', "output", OPTION_TEXT, &command.output, "DIR",
			"leave a copy of the output in DIR"},
		{0, "force", OPTION_FLAG, &command.is_forced, NULL,
			"replace DIR even if brun did not make it"},
		{0, "raw", OPTION_FLAG, &command.is_raw, NULL,
			"what the build installed, not packed"},
		BUILDING_ROWS(command.building),
		{0},
	};

	if (ret_help) {
		options_describe(rows, ret_help);
		return 0;
	}
	if (options_parse(argc, argv, rows, false, &operands, err) < 0) {
		return -1;
	}
	if (operands != 1) {
		err_fail(err, STATUS_USAGE, "build takes one recipe, got %d", operands);
		return err_hint(err, "brun build RECIPE[:NAME] -o DIR");
	}
	return open_and_build(&command, argv[1], err);
}
