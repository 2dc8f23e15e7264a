/* SPDX-License-Identifier: MIT */
#include "lua/eval.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "lua/source.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "test.h"

static const char plain[] = "return merge { import 'a', import 'b' }";
static const char tree[] = "return file { path = 'x', text = '' }";

/* A folder with recipes: main.lua, a.lua, b/recipe.lua and lib/c.lua. */
struct folder {
	char path[32];
	int fd;
};

static struct folder
folder_new(const char *main_text)
{
	struct folder folder = {.path = "/tmp/brun-test-XXXXXX", .fd = -1};

	if (CHECK(mkdtemp(folder.path) != NULL)) {
		folder.fd = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		CHECK(fs_mkdirs_at(folder.fd, "b", 0755, NULL) == 0);
		CHECK(fs_mkdirs_at(folder.fd, "lib", 0755, NULL) == 0);
		CHECK(fs_create_at(folder.fd, "main.lua", 0644, main_text, strlen(main_text),
			      NULL) == 0);
		CHECK(fs_create_at(folder.fd, "a.lua", 0644, tree, strlen(tree), NULL) == 0);
		CHECK(fs_create_at(folder.fd, "b/recipe.lua", 0644, tree, strlen(tree), NULL) == 0);
		CHECK(fs_create_at(folder.fd, "lib/c.lua", 0644, tree, strlen(tree), NULL) == 0);
	}
	return folder;
}

static void
folder_done(struct folder *folder)
{
	close(folder->fd);
	CHECK(fs_remove_at(AT_FDCWD, folder->path, NULL) == 0);
}

/* Evaluates the folder's main.lua. */
static int
evaluate(const struct folder *folder, struct eval eval, struct buf *ret_plan, struct buf *ret_reads,
	struct err *err)
{
	cleanup_free char *recipe = mem_printf("%s/main.lua", folder->path);
	cleanup_free char *library = mem_printf("%s/lib", folder->path);

	eval.recipe = recipe;
	eval.library = library;
	return eval_recipe(&eval, ret_plan, ret_reads, err);
}

/* Is folder/name among the NUL-terminated paths? */
static bool
lists(const struct buf *reads, const struct folder *folder, const char *name)
{
	cleanup_free char *path = mem_printf("%s/%s", folder->path, name);

	for (size_t at = 0; at < reads->length; at += strlen(reads->data + at) + 1) {
		if (strcmp(reads->data + at, path) == 0) {
			return true;
		}
	}
	return false;
}

TEST(reads_list_what_was_read_and_what_was_looked_for)
{
	struct folder folder = folder_new("return merge { import 'b', import 'c' }");
	cleanup_buf struct buf plan = {0}, reads = {0};
	struct err err = {0};

	CHECK(evaluate(&folder, (struct eval){0}, &plan, &reads, &err) == 0);
	CHECK(lists(&reads, &folder, "main.lua"));
	CHECK(lists(&reads, &folder, "b.lua"));
	CHECK(lists(&reads, &folder, "b/recipe.lua"));
	CHECK(lists(&reads, &folder, "c.lua"));
	CHECK(lists(&reads, &folder, "lib/c.lua"));
	CHECK(!lists(&reads, &folder, "a.lua"));
	folder_done(&folder);
}

TEST(reads_are_listed_for_a_failure_too)
{
	struct folder folder = folder_new("return import 'd'");
	cleanup_buf struct buf plan = {0}, reads = {0};
	struct err err = {0};

	CHECK(evaluate(&folder, (struct eval){0}, &plan, &reads, &err) < 0);
	CHECK(err.status == STATUS_RECIPE);
	CHECK(plan.length == 0);
	CHECK(lists(&reads, &folder, "d.lua") && lists(&reads, &folder, "lib/d/recipe.lua"));
	folder_done(&folder);
}

TEST(the_same_recipe_gives_the_same_bytes)
{
	struct folder folder = folder_new(plain);
	cleanup_buf struct buf once = {0}, twice = {0};
	struct err err = {0};

	CHECK(evaluate(&folder, (struct eval){0}, &once, NULL, &err) == 0);
	CHECK(evaluate(&folder, (struct eval){0}, &twice, NULL, &err) == 0);
	CHECK_TEXT(buf_text(&twice), buf_text(&once));
	folder_done(&folder);
}

TEST(evaluation_works_in_the_reader_sandbox)
{
	struct folder folder = folder_new(plain);
	cleanup_buf struct buf plan = {0};
	struct err err = {0};
	struct eval eval = {.confine = sandbox_confine_reader};

	if (!CHECK(evaluate(&folder, eval, &plan, NULL, &err) == 0)) {
		printf("# %s\n", err.text);
	}
	folder_done(&folder);
}

TEST(a_loop_is_ended_in_the_reader_sandbox_with_its_line)
{
	struct folder folder = folder_new("local n = 0\nwhile true do n = n + 1 end");
	cleanup_buf struct buf plan = {0};
	struct err err = {0};
	struct eval eval = {.confine = sandbox_confine_reader, .limits.cpu_seconds = 1};

	CHECK(evaluate(&folder, eval, &plan, NULL, &err) < 0 && err.status == STATUS_LIMIT);
	CHECK(strstr(err.text, "main.lua:2:") != NULL);
	folder_done(&folder);
}

static int
refuse(struct err *err)
{
	return err_fail(err, STATUS_SANDBOX, "no sandbox here");
}

TEST(nothing_is_read_where_the_sandbox_is_refused)
{
	struct folder folder = folder_new(plain);
	cleanup_buf struct buf plan = {0}, reads = {0};
	struct err err = {0};

	CHECK(evaluate(&folder, (struct eval){.confine = refuse}, &plan, &reads, &err) < 0);
	CHECK(err.status == STATUS_SANDBOX && reads.length == 0);
	CHECK_TEXT(err.text, "no sandbox here");
	folder_done(&folder);
}

static int
never_end(struct err *err)
{
	pause();
	return err_fail(err, STATUS_SANDBOX, "woken up");
}

TEST(an_evaluation_that_waits_is_ended)
{
	struct folder folder = folder_new(plain);
	cleanup_buf struct buf plan = {0};
	struct err err = {0};
	struct eval eval = {.confine = never_end, .limits.wall_seconds = 1};

	CHECK(evaluate(&folder, eval, &plan, NULL, &err) < 0);
	CHECK(err.status == STATUS_LIMIT && strstr(err.text, "more than 1 s"));
	CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
	folder_done(&folder);
}

static int __attribute__((noreturn)) die(struct err *err)
{
	(void)err;
	_exit(42);
}

TEST(an_evaluator_that_dies_is_reported)
{
	struct folder folder = folder_new(plain);
	cleanup_buf struct buf plan = {0};
	struct err err = {0};

	CHECK(evaluate(&folder, (struct eval){.confine = die}, &plan, NULL, &err) < 0);
	CHECK(strstr(err.text, "without an answer (status 42)"));
	folder_done(&folder);
}

/* What eval_locate says of `name` in the folder: "file root", below the folder. */
static bool
is_located(const struct folder *folder, const char *name, const char *file, const char *root)
{
	cleanup_free char *recipe = mem_printf("%s/%s", folder->path, name);
	cleanup_free char *wanted_file = mem_printf("%s/%s", folder->path, file);
	cleanup_free char *wanted_root = mem_printf("%s%s", folder->path, root);
	cleanup_free char *got_file = NULL, *got_root = NULL;
	struct err err = {0};

	if (eval_locate(recipe, &got_file, &got_root, &err) < 0) {
		printf("# %s\n", err.text);
		return false;
	}
	return CHECK(strcmp(got_file, wanted_file) == 0) &
	       CHECK(strcmp(got_root, wanted_root) == 0);
}

TEST(a_recipe_is_a_file_or_a_folder)
{
	struct folder folder = folder_new(plain);

	CHECK(is_located(&folder, "a.lua", "a.lua", ""));
	CHECK(is_located(&folder, "lib/c.lua", "lib/c.lua", "/lib"));
	CHECK(is_located(&folder, "b", "b/recipe.lua", ""));
	CHECK(is_located(&folder, "b//", "b/recipe.lua", ""));
	CHECK(is_located(&folder, "b/recipe.lua", "b/recipe.lua", ""));
	CHECK(is_located(&folder, "b/.", "b/recipe.lua", ""));
	folder_done(&folder);
}

TEST(a_missing_recipe_is_told_with_the_nearest_one)
{
	struct folder folder = folder_new(plain);
	cleanup_free char *typo = mem_printf("%s/mian.lua", folder.path);
	cleanup_free char *lib = mem_printf("%s/lib", folder.path);
	char *file = NULL, *root = NULL;
	struct err err = {0};

	CHECK(eval_locate(typo, &file, &root, &err) < 0 && err.status == STATUS_RECIPE);
	CHECK(strstr(err.text, "there is no such recipe\ndid you mean '/tmp/"));
	CHECK(strstr(err.text, "/main.lua'?"));
	CHECK(eval_locate(lib, &file, &root, &err) < 0);
	CHECK(strstr(err.text, "there is no recipe.lua in this folder"));
	folder_done(&folder);
}

TEST(distance_counts_edits_and_swaps)
{
	CHECK(nearest_distance("deps", "deps") == 0);
	CHECK(nearest_distance("verison", "version") == 1);
	CHECK(nearest_distance("license", "licence") == 1);
	CHECK(nearest_distance("", "abc") == 3);
	CHECK(nearest_distance("kitten", "sitting") == 3);
}

TEST(what_is_not_near_is_not_proposed)
{
	static const char *const known[] = {"name", "source", "version"};

	CHECK_TEXT(nearest_name("sorce", known, 3), "source");
	CHECK(!nearest_name("colour", known, 3));
	CHECK(!nearest_name("", known, 0));
}

/* The spot of `path` in the call in line 1 of a text, as LINE * 100 + COLUMN. */
static size_t
find(const char *text, const char *call, const struct step_to *path, size_t length)
{
	struct source source = {.text = (char *)text, .length = strlen(text)};
	struct spot spot = source_find(&source, 1, call, path, length);

	return spot.line * 100 + spot.column;
}

TEST(fields_are_found_in_the_text)
{
	const struct step_to b = {.name = "b"}, second = {.index = 2};
	const struct step_to inner[] = {{.name = "b"}, {.index = 2}};

	CHECK(find("f { a = 1, b = 2 }", "f", &b, 1) == 112);
	CHECK(find("f { a = { b = 1 },\n b = 2 }", "f", &b, 1) == 202);
	CHECK(find("f { -- b = 0\n [[b = 1]], b = 2 }", "f", &b, 1) == 213);
	CHECK(find("f { function() local b, c = 1 end, b = 2 }", "f", &b, 1) == 136);
	CHECK(find("f { ['b'] = 2 }", "f", &b, 1) == 105);
	CHECK(find("f { x = 1, 'one', 'two' }", "f", &second, 1) == 119);
	CHECK(find("f { b = { 1, 2 } }", "f", inner, 2) == 114);
	CHECK(find("f({ b = g { 1, 2 } })", "f", inner, 2) == 116);
}

TEST(what_is_not_in_the_text_is_the_call_or_the_line)
{
	const struct step_to b = {.name = "b"};

	CHECK(find("return f(t)", "f", &b, 1) == 108);
	CHECK(find("return f { a = 1 }", "f", &b, 1) == 108);
	CHECK(find("  return f {", "f", &b, 1) == 110);
	CHECK(find("  return x", NULL, NULL, 0) == 103);
	CHECK(find("", "f", &b, 1) == 101);
}
