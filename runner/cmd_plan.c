/* SPDX-License-Identifier: MIT */
/* brun plan RECIPE[:NAME] [--json] */
#include "base/buf.h"
#include "base/err.h"
#include "build.h"
#include "building.h"
#include "cmd.h"
#include "request.h"
#include "store.h"
#include "walk.h"

#include <stdio.h>

/* One line an action that the wanted output rests on: key, whether it is there, kind and name. A
 * key that hangs on something not built yet is not known: "-". */
static void
describe(const struct plan *plan, const struct walk *walk, struct buf *text)
{
	for (size_t i = 0; i < plan->action_count; i++) {
		const struct walk_node *node = &walk->nodes[i];
		char hex[DIGEST_HEX] = "-";
		if (!node->is_reachable) {
			continue;
		}
		if (node->has_key) {
			digest_hex(&node->key, hex);
		}
		buf_printf(text, "%-16.16s %-7s %-7s %s\n", hex, node->has_id ? "there" : "missing",
			action_kind_name(plan->actions[i].kind), plan->actions[i].name);
	}
}

static int
print_states(const struct request *request, struct store *store, struct err *err)
{
	const struct build_options options = {
		.root_fd = request->root_fd, .library_fd = request->library_fd, .cancel_fd = -1};
	cleanup_buf struct buf text = {0};
	struct walk walk;

	if (walk_init(&walk, store, &request->plan, request->output->index, &options, err) < 0) {
		return -1;
	}
	describe(&request->plan, &walk, &text);
	walk_done(&walk);
	fputs(buf_text(&text), stdout);
	return 0;
}

static int
print_json(const struct request *request)
{
	cleanup_buf struct buf text = {0};

	plan_print(&request->plan, &text);
	fputs(buf_text(&text), stdout);
	return 0;
}

static int
print(const char *operand, const struct building *building, struct err *err)
{
	struct request request;
	struct store *store = NULL;

	if (request_open(operand, "default", &request, err) < 0) {
		return -1;
	}
	int result = 0;
	if (building->is_json) {
		result = print_json(&request);
	} else {
		result = building_open_store(building, &store, err);
		if (result == 0) {
			result = print_states(&request, store, err);
			store_close(store);
		}
	}
	request_done(&request);
	return result;
}

int
cmd_plan(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	struct building building = {0};
	int operands = 0;
	const struct option_row rows[] = {
		{0, "json", OPTION_FLAG, &building.is_json, NULL,
			"the whole plan, as the evaluation made it"},
		{0, "store", OPTION_TEXT, &building.store, "DIR",
			"the store, instead of $BRUN_STORE"},
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
		return err_fail(err, STATUS_USAGE, "plan takes one recipe, got %d", operands);
	}
	return print(argv[1], &building, err);
}
