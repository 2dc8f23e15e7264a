/* SPDX-License-Identifier: MIT */
/* What a step sees: the mounts of its root, and its environment. The layout is part of every key
 * by way of SANDBOX_VERSION: raise that with any change here that a step can notice. */
#ifndef BRUN_WORLD_H
#define BRUN_WORLD_H

#include <stddef.h>

#include "base/arena.h"

struct action;
struct digest;
struct err;
struct limits;
struct sandbox_mount;
struct sandbox_spec;
struct store;
struct test_step;

#define WORLD_PREFIX "/brun"
#define WORLD_DEST   "/dest"
#define WORLD_BUILD  "/build"
#define WORLD_SOURCE "/build/source"
#define WORLD_HOME   "/build/home"
#define WORLD_SCRIPT "/script"
#define WORLD_OUTPUT "/output"

/* Everything in it lives in the arena. Zero-initialise; world_done frees. */
struct world {
	struct arena arena;
	struct sandbox_mount *mounts;
	size_t mount_count, mount_capacity;
	const char **env; /* NULL-terminated */
	size_t env_count, env_capacity;
};

/* The world of an ACTION_RUN. place is the absolute path of the directory on the host whose
 * build/ and dest/ are the step's own; jobs is its $JOBS. */
int world_of_run(struct store *store, const struct action *action, const struct digest *input_ids,
	const char *place, unsigned jobs, struct world *ret_world, struct err *err);

/* The world of one command of a test: the output and nothing else. */
void world_of_test(struct store *store, const struct digest *output_id,
	const struct test_step *step, struct world *ret_world);

/* Sets a variable; the last setting of a name is the one that counts. */
void world_set_env(struct world *world, const char *name, const char *value);

/* The spec of an ACTION_RUN in its world, with the step's script as the program and its limits;
 * nothing watches it yet. Borrows from the world; limits may be NULL. */
void world_spec(const struct world *world, const struct action *action, const struct limits *limits,
	struct sandbox_spec *ret_spec);

void world_done(struct world *world);

#endif
