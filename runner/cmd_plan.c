/* SPDX-License-Identifier: MIT */
/* brun plan RECIPE[:NAME] [--json] */
#include "base/buf.h"
#include "base/err.h"
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
		buf_printf(text, "%-16.16s %-7s %-7s %s\n", hex,
			node->is_there ? "there" : "missing",
			action_kind_name(plan->actions[i].kind), plan->actions[i].name);
	}
}

static int
print_states(const char *store_path, const struct request *request, struct err *err)
{
	const struct building building = {.store = store_path};
	cleanup_store struct store *store = NULL;
	cleanup_buf struct buf text = {0};
	struct walk walk;

	if (building_open_store(&building, &store, err) < 0 ||
		building_walk(store, request, &walk, err) < 0) {
		return -1;
	}
	describe(&request->plan, &walk, &text);
	walk_done(&walk);
	fputs(buf_text(&text), stdout);
	return 0;
}

static void
print_json(const struct request *request)
{
	cleanup_buf struct buf text = {0};

	plan_print(&request->plan, &text);
	fputs(buf_text(&text), stdout);
}

int
cmd_plan(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	const char *store = NULL;
	bool is_json = false;
	int count = 0;
	const struct option_row rows[] = {
		{0, "json", OPTION_FLAG, &is_json, NULL,
			"the whole plan, as the evaluation made it"},
		{0, "store", OPTION_TEXT, &store, "DIR", "the store, instead of $BRUN_STORE"},
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
	if (!is_json) {
		return print_states(store, &request, err);
	}
	print_json(&request);
	return 0;
}
