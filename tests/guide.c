/* SPDX-License-Identifier: MIT */
/* guide GUIDE.md LIBRARY: every block of Lua in the guide evaluates to a plan. */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "lua/eval.h"
#include "plan/plan.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
evaluate(const char *dir, const char *library, struct err *err)
{
	cleanup_free char *recipe = mem_printf("%s/example.lua", dir);
	cleanup_buf struct buf json = {0};
	struct eval eval = {.recipe = recipe, .library = library};
	struct plan plan;

	if (eval_recipe(&eval, &json, NULL, err) < 0 ||
		plan_parse(buf_text(&json), json.length, &plan, err) < 0) {
		return -1;
	}
	plan_done(&plan);
	return 0;
}

/* Evaluates a block in a folder of its own. */
static int
try_block(const char *text, size_t length, const char *library, struct err *err)
{
	char dir[] = "/tmp/brun-guide-XXXXXX";

	if (!mkdtemp(dir)) {
		return err_set(err, 0, "mkdtemp");
	}
	cleanup_free char *recipe = mem_printf("%s/example.lua", dir);
	int result = fs_create_at(AT_FDCWD, recipe, 0644, text, length, err);
	result = result < 0 ? result : evaluate(dir, library, err);
	fs_remove_at(AT_FDCWD, dir, NULL);
	return result;
}

int
main(int argc, char **argv)
{
	static const char opening[] = "```lua\n", closing[] = "```\n";
	cleanup_buf struct buf guide = {0};
	struct err err = {0};
	int number = 0, failed = 0;

	if (argc != 3 || fs_read_at(AT_FDCWD, argv[1], 1 << 20, &guide, &err) < 0) {
		fprintf(stderr, "usage: guide GUIDE.md LIBRARY: %s\n", err.text);
		return 2;
	}
	for (const char *at = strstr(buf_text(&guide), opening); at; at = strstr(at, opening)) {
		at += strlen(opening);
		const char *end = strstr(at, closing);
		size_t length = end ? (size_t)(end - at) : strlen(at);
		bool is_good = try_block(at, length, argv[2], &err) == 0;
		failed += !is_good;
		printf("%s%sok %d - block %d\n", is_good ? "" : err.text, is_good ? "" : "\nnot ",
			number + 1, number + 1);
		number++;
		at += length;
	}
	printf("1..%d\n", number);
	return failed || number == 0 ? 1 : 0;
}
