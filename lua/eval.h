/* SPDX-License-Identifier: MIT */
/* Evaluating a recipe: Lua text in, plan text out, in a child process with limits. */
#ifndef BRUN_EVAL_H
#define BRUN_EVAL_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

struct eval_limits {
	uint64_t cpu_seconds;  /* 0: 10 */
	uint64_t wall_seconds; /* 0: 20 */
	uint64_t memory_bytes; /* 0: 512 MiB, Lua's heap */
	uint64_t output_bytes; /* 0: 64 MiB of plan */
};

struct eval {
	/* Path of a .lua file, or of a folder that holds recipe.lua. The folder that the file (or
	 * the folder) lies in is the root that siblings and globs of "from": "recipe" start
	 * from. */
	const char *recipe;
	const char *library; /* directory of the recipes that come with brun, or NULL */
	struct eval_limits limits;
	/* Called in the child once, before recipe text is touched; NULL: nothing. Sandboxing comes
	 * from above, for lua/ knows no sandbox. */
	int (*confine)(struct err *err);
};

/* Where a recipe (as in struct eval) lies: its file, and the directory that siblings and globs
 * start from. Both absolute and the caller's. A file named recipe.lua counts as its folder.
 * STATUS_RECIPE where there is none, with the nearest name that is there. */
int eval_locate(const char *recipe, char **ret_file, char **ret_root, struct err *err);

/* Of the recipes in the folder of one that is not there, the nearest by its name, as a path; or
 * NULL. The caller frees. */
char *eval_nearest(const char *recipe);

/* Evaluates and appends the plan's JSON to ret_plan; `import` looks beside the recipe, then in
 * library. ret_reads, if not NULL, gets the absolute paths of all files that were read or looked
 * for and not found, each NUL-terminated, also where the evaluation fails: as long as none of them
 * changes, appears or goes away, the result stays the same. Errors are STATUS_RECIPE with
 * file:line:column, the line, a caret and the nearest known name; a limit is STATUS_LIMIT. The plan
 * must still go through plan_parse. */
int eval_recipe(
	const struct eval *eval, struct buf *ret_plan, struct buf *ret_reads, struct err *err);

#endif
