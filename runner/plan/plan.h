/* SPDX-License-Identifier: MIT */
/* A plan: the actions that a recipe asks for, as plain data. The JSON form is described at the
 * top of plan.c. A plan comes from a stranger's recipe: plan_parse trusts nothing in it. */
#ifndef BRUN_PLAN_H
#define BRUN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/sha256.h"

struct buf;
struct err;
struct runtime_env;

enum action_kind {
	ACTION_FETCH,  /* -> file: bytes from the first URL that answers, checked against sha256 */
	ACTION_UNPACK, /* -> tree: an archive's contents */
	ACTION_GLOB,   /* -> tree: files beside the recipe */
	ACTION_FILE,   /* -> tree: one small file or symlink whose contents stand in the plan */
	ACTION_MERGE,  /* -> tree: several trees laid over each other; a conflict is an error */
	ACTION_DEBIAN, /* -> tree: unpacked .deb trees as one root file system with merged /usr */
	ACTION_FILTER, /* -> tree: the part of a tree that globs select */
	ACTION_RUN,    /* -> tree: what a script in the sandbox installed under $DESTDIR$PREFIX */
	ACTION_PACK,   /* -> tree: a portable output */
	ACTION_TEST,   /* -> tree: its input, once every command of it passed in an empty root */
};

/* An input: which earlier action's output is used as what. Roles by kind:
 * unpack: "artifact"; merge: "tree"+; debian: "package"+, "file"*; filter: "tree";
 * run: "base", "prefix"?, "src"?; pack: "tree", "prefix"*, "base"?, "runtime"*;
 * test: "tree", "bed"? (the tree that the commands run in, where it is another one). */
struct action_input {
	const char *role;
	size_t index; /* always smaller than the action's own */
};

struct name_value {
	const char *name, *value;
};

/* One command of a package's test. */
struct test_step {
	const char *const *argv; /* NULL-terminated; argv[0] is looked up in the output's bin/ */
	const struct name_value *env;
	size_t env_count;
	const char *match; /* text that must occur in stdout+stderr, or NULL */
	int exit_status;   /* expected */
};

/* A package of a distribution, as dpkg has it. Each is one word of policy's. */
struct plan_package {
	const char *name, *architecture, *version;
	const char *source; /* the source package's name; often the same */
};

/* Limits of a step; 0: left open (limit.h). */
struct step_limits {
	uint64_t wall_seconds, silence_seconds, memory_bytes, disk_bytes, log_bytes, processes;
};

struct action {
	enum action_kind kind;
	const char *name;  /* for people, "curl-8.8.0"; never in a key */
	const char *where; /* for people, "curl.lua:14"; never in a key; "" when unknown */
	const struct action_input *inputs;
	size_t input_count;
	union {
		struct {
			const char *const *urls; /* NULL-terminated, at least one; not in the key */
			struct digest sha256;
		} fetch;
		struct {
			unsigned strip;	    /* leading path components to drop */
			const char *single; /* name for a lone .gz/.xz/.zst's contents, or NULL */
		} unpack;
		struct {
			bool from_library;	     /* else from the recipe's root (build.h) */
			const char *dir;	     /* clean relative path from there, or "." */
			const char *const *patterns; /* NULL-terminated; *, ?, [..], ** */
		} glob;
		struct {
			const char *path; /* clean relative path in the tree */
			const char *text; /* contents, or NULL where link is set */
			size_t text_length;
			const char *link; /* a symlink's target, or NULL */
			bool is_executable;
		} file;
		struct {
			/* Which package each "package" input is, sorted; or none: not known. */
			const struct plan_package *packages;
			size_t count;
		} debian;
		struct {
			const char *const *include, *const *exclude; /* NULL-terminated globs */
		} filter;
		struct {
			const char *const *script; /* NULL-terminated pieces of one sh script */
			const struct name_value *env;
			size_t env_count;
			bool network;
			const struct digest *output; /* the declared tree id, or NULL */
			struct step_limits limits;
		} run;
		struct {
			const struct runtime_env *env;
			size_t env_count;
			const char *const *libs; /* sonames opened at run time, NULL-terminated */
			const char *main;	 /* main program's name, or NULL */
		} pack;
		struct {
			const struct test_step *steps;
			size_t step_count;
		} test;
	};
	struct json_t *body; /* the action's JSON, for plan_key */
};

struct plan_output {
	const char *name; /* "default", "raw", "dev", … */
	size_t index;	  /* the action that makes it */
};

struct plan {
	struct action *actions;
	size_t action_count;
	struct plan_output *outputs; /* "default" is the first */
	size_t output_count;
	const struct name_value *about; /* "version", "summary", …: for people; in no key */
	size_t about_count;
	struct arena arena;
	struct json_t *document;
};

/* Parses and validates a plan; NUL bytes, unknown fields and forward references are errors
 * (STATUS_RECIPE). On success the caller owns *ret_plan: plan_done. */
int plan_parse(const char *text, size_t length, struct plan *ret_plan, struct err *err);
void plan_done(struct plan *plan);

/* The output of that name, or NULL. */
const struct plan_output *plan_output_get(const struct plan *plan, const char *name);

/* The key of an action: SHA-256 of its canonical JSON with `input_ids[i]` in the place of
 * inputs[i], the versions of sandbox and packer in it where they matter, and without name,
 * where and urls. ret_components, if not NULL, gets the JSON text that was hashed. Fetch and
 * glob actions have no key: their output names itself. */
struct digest plan_key(
	const struct action *action, const struct digest *input_ids, struct buf *ret_components);

/* The canonical text of a plan (sorted keys, one action a line), for `brun plan --json`. */
void plan_print(const struct plan *plan, struct buf *ret_text);

/* As the JSON form has it: "fetch", "unpack", … */
const char *action_kind_name(enum action_kind kind);

#endif
