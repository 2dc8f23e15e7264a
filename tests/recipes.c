/* SPDX-License-Identifier: MIT */
/* Golden cases of recipes: recipes SUITE evaluates main.lua of each folder in SUITE (with library/
 * of the folder as the library, where it has one) and compares what comes out with the file
 * `expect`: the plan as plan_print writes it, or "status N" and the message. UPDATE=1 rewrites the
 * files. A file `limits` holds processor seconds, wall seconds, memory and output in bytes; 0:
 * default. */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/replace.h"
#include "lua/eval.h"
#include "plan/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct eval_limits
read_limits(int dir)
{
	cleanup_buf struct buf text = {0};
	struct eval_limits limits = {0};

	if (fs_read_at(dir, "limits", 1024, &text, NULL) == 0) {
		sscanf(buf_text(&text), "%ju %ju %ju %ju", (uintmax_t *)&limits.cpu_seconds,
			(uintmax_t *)&limits.wall_seconds, (uintmax_t *)&limits.memory_bytes,
			(uintmax_t *)&limits.output_bytes);
	}
	return limits;
}

static int
evaluate(int dir, struct buf *ret_text, struct err *err)
{
	cleanup_buf struct buf json = {0};
	struct plan plan;
	struct eval eval = {.recipe = "main.lua", .limits = read_limits(dir)};

	eval.library = faccessat(dir, "library", F_OK, 0) == 0 ? "library" : NULL;
	if (eval_recipe(&eval, &json, NULL, err) < 0 ||
		plan_parse(buf_text(&json), json.length, &plan, err) < 0) {
		return -1;
	}
	plan_print(&plan, ret_text);
	plan_done(&plan);
	return 0;
}

/* The case's own absolute path, which differs from checkout to checkout, becomes "CASE". */
static void
add_portable(struct buf *text, const char *message)
{
	cleanup_free char *here = realpath(".", NULL);
	size_t length = strlen(here);

	for (const char *at = message; *at; at++) {
		if (strncmp(at, here, length) == 0) {
			buf_puts(text, "CASE");
			at += length - 1;
		} else {
			buf_putc(text, *at);
		}
	}
}

static void
print_lines(const char *title, const char *text)
{
	printf("# %s:\n#   ", title);
	for (; *text; text++) {
		putchar(*text);
		if (*text == '\n') {
			printf("#   ");
		}
	}
	putchar('\n');
}

/* The recipe is named relative to the folder, so the messages are the same everywhere. */
static bool
run_case(int suite, const char *name)
{
	struct err err = {0};
	cleanup_buf struct buf got = {0}, expected = {0};
	cleanup_fd int dir = fs_open_dir(suite, name, &err);

	if (dir < 0 || fchdir(dir) < 0) {
		print_lines("case", err.text);
		return false;
	}
	if (evaluate(dir, &got, &err) < 0) {
		buf_printf(&got, "status %d\n", (int)err.status);
		add_portable(&got, err.text);
		buf_putc(&got, '\n');
	}
	if (getenv("UPDATE")) {
		return replace_file(dir, "expect", 0644, got.data, got.length, &err) == 0;
	}
	if (fs_read_at(dir, "expect", 16 << 20, &expected, &err) < 0) {
		print_lines("case", err.text);
	}
	if (strcmp(buf_text(&got), buf_text(&expected)) == 0) {
		return true;
	}
	print_lines("expected", buf_text(&expected));
	print_lines("got", buf_text(&got));
	return false;
}

int
main(int argc, char **argv)
{
	struct err err = {0};
	cleanup_free char **names = NULL;
	size_t count = 0;
	int failed = 0;
	cleanup_fd int suite = argc == 2 ? fs_open_dir(AT_FDCWD, argv[1], &err) : -1;

	if (suite < 0 || fs_list_dir(suite, &names, &count, &err) < 0 || count == 0) {
		fprintf(stderr, "usage: recipes SUITE: a folder of cases: %s\n", err.text);
		return 2;
	}
	for (size_t i = 0; i < count; i++) {
		bool is_good = run_case(suite, names[i]);
		failed += !is_good;
		printf("%sok %zu - %s\n", is_good ? "" : "not ", i + 1, names[i]);
		fflush(stdout);
	}
	printf("1..%zu\n", count);
	return failed ? 1 : 0;
}
