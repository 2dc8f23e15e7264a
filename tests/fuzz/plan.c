/* SPDX-License-Identifier: MIT */
/* A plan that parses prints, parses again to the same text, and every action of it has a key. */
#include "plan/plan.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_keys(const struct plan *plan)
{
	for (size_t i = 0; i < plan->action_count; i++) {
		cleanup_free struct digest *ids =
			mem_zalloc(plan->actions[i].input_count + 1, sizeof(*ids));
		plan_key(&plan->actions[i], ids, NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plan plan, again;
	struct err err = {0};
	cleanup_buf struct buf once = {0}, twice = {0};

	if (plan_parse((const char *)data, size, &plan, &err) < 0) {
		if (err.status != STATUS_RECIPE || !*err.text) {
			abort();
		}
		return 0;
	}
	check_keys(&plan);
	plan_print(&plan, &once);
	if (plan_parse(buf_text(&once), once.length, &again, &err) < 0) {
		abort();
	}
	plan_print(&again, &twice);
	if (strcmp(buf_text(&once), buf_text(&twice)) != 0) {
		abort();
	}
	plan_done(&plan);
	plan_done(&again);
	return 0;
}
