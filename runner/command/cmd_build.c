/* SPDX-License-Identifier: MIT */
/* brun build RECIPE[:NAME] [-o DIR] */
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "command/building.h"
#include "command/cmd.h"
#include "command/request.h"
#include "store/output.h"
#include "store/store.h"

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
build(struct build_command *command, struct request *request, struct store *store, struct err *err)
{
	struct digest id;
	int result = 0;

	if (!building_recall(&command->building, store, request, &id) &&
		(request_evaluate(request, err) < 0 ||
			building_run(&command->building, store, request, &id, err) < 0)) {
		result = -1;
	}
	if (result == 0 && command->building.is_rebuild && !command->building.is_quiet &&
		!command->building.is_json) {
		fputs("it came out the same again\n", stderr);
	}
	if (result == 0 && !command->building.is_dry) {
		result = deliver(command, store, &id, err);
		fflush(stdout);
	}
	building_settle(&command->building, err);
	return result;
}

static int
open_and_build(struct build_command *command, const char *operand, struct err *err)
{
	cleanup_request struct request request = REQUEST_NONE;
	cleanup_store struct store *store = NULL;

	if (command->output && output_check(command->output, command->is_forced, err) < 0) {
		return -1;
	}
	if (request_find(operand, command->is_raw ? "raw" : "default", &request, err) < 0 ||
		building_open_store(&command->building, &store, err) < 0) {
		return -1;
	}
	return build(command, &request, store, err);
}

int
cmd_build(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	struct build_command command = {0};
	int count = 0;
	const struct option_row rows[] = {
		{'o', "output", OPTION_TEXT, &command.output, "DIR",
			"leave a copy of the output in DIR"},
		{0, "force", OPTION_FLAG, &command.is_forced, NULL,
			"replace DIR even if brun did not make it"},
		{0, "raw", OPTION_FLAG, &command.is_raw, NULL,
			"what the build installed, not packed"},
		{0, "rebuild", OPTION_FLAG, &command.building.is_rebuild, NULL,
			"build what the recipe makes once more, and compare"},
		BUILDING_ROWS(command.building),
		{0},
	};
	const struct option_operands operands = {1, 1, "one recipe", false};

	int begun = options_begin(argc, argv, rows, &operands, ret_help, &count, err);
	if (begun != 0) {
		return begun < 0 ? -1 : 0;
	}
	if (command.building.is_rebuild && command.building.is_dry) {
		err_fail(err, STATUS_USAGE, "--rebuild and --dry-run exclude each other");
		return err_hint(err, "a dry run builds nothing that could be compared");
	}
	return open_and_build(&command, argv[1], err);
}
