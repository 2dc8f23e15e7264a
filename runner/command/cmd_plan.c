/* SPDX-License-Identifier: MIT */
/* brun plan RECIPE[:NAME] [--json] */
#include "base/buf.h"
#include "base/err.h"
#include "build/plan_state.h"
#include "build/walk.h"
#include "command/building.h"
#include "command/cmd.h"
#include "command/request.h"
#include "store/store.h"

#include <stdio.h>

static int
print(const char *store_path, struct request *request, bool is_json, struct err *err)
{
	const struct building building = {.store = store_path};
	cleanup_store struct store *store = NULL;
	cleanup_buf struct buf text = {0};
	struct walk walk;

	if (building_open_store(&building, &store, err) < 0 ||
		building_walk(store, request, &walk, err) < 0) {
		return -1;
	}
	if (is_json) {
		plan_state_add(&request->plan, &walk);
		plan_print(&request->plan, &text);
	} else {
		plan_state_list(&request->plan, &walk, &text);
	}
	walk_done(&walk);
	fputs(buf_text(&text), stdout);
	return 0;
}

int
cmd_plan(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	const char *store = NULL;
	bool is_json = false;
	int count = 0;
	const struct option_row rows[] = {
		{0, "json", OPTION_FLAG, &is_json, NULL,
			"the whole plan, with what is known of each action"},
		OPTION_STORE(&store),
		{0},
	};
	const struct option_operands operands = {1, 1, "one recipe", false};

	int begun = options_begin(argc, argv, rows, &operands, ret_help, &count, err);
	if (begun != 0) {
		return begun < 0 ? -1 : 0;
	}
	cleanup_request struct request request = REQUEST_NONE;
	if (request_open(argv[1], "default", &request, err) < 0) {
		return -1;
	}
	return print(store, &request, is_json, err);
}
