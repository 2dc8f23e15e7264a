/* SPDX-License-Identifier: MIT */
/* Whatever a recipe says, the evaluation ends in a complaint or in a plan that plan_parse takes. In
 * this process, without files: siblings do not exist. */
#include "lua/inside.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "plan/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct source *
source_of(const uint8_t *data, size_t size)
{
	struct source *source = mem_zalloc(1, sizeof(*source));

	source->display = mem_strdup("main.lua");
	source->where = mem_strdup("main.lua");
	source->dir = mem_strdup(".");
	source->root = mem_strdup("/nonexistent");
	source->text = mem_alloc(size + 1);
	memcpy(source->text, data, size);
	source->text[size] = '\0';
	source->length = size;
	return source;
}

static void
check_plan(const struct buf *json)
{
	struct plan plan = {0};
	struct err err = {0};

	if (plan_parse(buf_text(json), json->length, &plan, &err) < 0) {
		fprintf(stderr, "%s\n%s\n", err.text, buf_text(json));
		abort();
	}
	plan_done(&plan);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_buf struct buf json = {0};
	struct err err = {0};
	struct inside inside = {
		.limits = {.cpu_seconds = 1, .memory_bytes = 32 << 20, .output_bytes = 1 << 20},
		.display_dir = "",
		.root = "/nonexistent",
	};

	if (size > 8192) {
		return 0;
	}
	source_add(&inside.sources, source_of(data, size));
	inside.main = inside.sources.first;
	if (inside_evaluate(&inside, &json, &err) == 0) {
		check_plan(&json);
	} else if ((err.status != STATUS_RECIPE && err.status != STATUS_LIMIT) || !*err.text) {
		abort();
	}
	inside_done(&inside);
	return 0;
}
