/* SPDX-License-Identifier: MIT */
/* brun why RECIPE[:NAME] [--json] */
#include "base/buf.h"
#include "base/err.h"
#include "build/walk.h"
#include "build/why.h"
#include "command/building.h"
#include "command/cmd.h"
#include "command/request.h"
#include "store/store.h"

#include <stdio.h>

static int
explain(const char *store_path, const char *operand, bool is_json, struct err *err)
{
	const struct building building = {.store = store_path};
	cleanup_request struct request request = REQUEST_NONE;
	cleanup_store struct store *store = NULL;
	cleanup_buf struct buf text = {0};
	struct walk walk;

	if (request_open(operand, "default", &request, err) < 0 ||
		building_open_store(&building, &store, err) < 0 ||
		building_walk(store, &request, &walk, err) < 0) {
		return -1;
	}
	int result = why_explain(store, &request.plan, &walk, is_json, &text, err);
	walk_done(&walk);
	fputs(buf_text(&text), stdout);
	return result;
}

int
cmd_why(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	const char *store = NULL;
	bool is_json = false;
	int count = 0;
	const struct option_row rows[] = {
		{0, "json", OPTION_FLAG, &is_json, NULL, "one JSON object a line"},
		OPTION_STORE(&store),
		{0},
	};
	const struct option_operands operands = {1, 1, "one recipe", false};

	int begun = options_begin(argc, argv, rows, &operands, ret_help, &count, err);
	if (begun != 0) {
		return begun < 0 ? -1 : 0;
	}
	return explain(store, argv[1], is_json, err);
}
