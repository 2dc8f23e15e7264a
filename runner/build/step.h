/* SPDX-License-Identifier: MIT */
/* Run and test actions: from plan and store to a sandbox spec, and from its result to a tree. */
#ifndef BRUN_STEP_H
#define BRUN_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "build/figures.h"

struct action;
struct err;
struct limits;
struct store;

struct step_options {
	size_t number;		     /* of the action in its plan, counted from 1; 0: nobody said */
	size_t count;		     /* of the plan's actions */
	unsigned jobs;		     /* $JOBS */
	const struct limits *limits; /* a person's; or NULL */
	const char *recipe;	     /* as the command line calls it, for advice; or NULL */
	bool is_kept;		     /* -K: keep the directory of a failed step and say where */
	int cancel_fd;		     /* readable: kill the step */
	void (*output)(void *context, const char *data, size_t length); /* as it comes */
	void *context;
};

/* Runs an ACTION_RUN and commits what it installed. input_ids as for plan_key; the log goes to
 * the store under `key`. Statuses: STATUS_STEP, STATUS_LIMIT, STATUS_SANDBOX, STATUS_HASH (a
 * declared output that came out different), STATUS_STORE. What it took is added to figures, also
 * where it fails. */
int step_run(struct store *store, const struct action *action, const struct digest *key,
	const struct digest *input_ids, const struct step_options *options, struct digest *ret_id,
	struct step_figures *figures, struct err *err);

/* Runs an ACTION_TEST: each command in a root of its own with nothing but the packed tree, or
 * the test's bed, (at /output), /proc, /dev and /tmp. STATUS_STEP names the command, what was
 * expected, what came. */
int step_test(struct store *store, const struct action *action, const struct digest *key,
	const struct digest *input_ids, const struct step_options *options,
	struct step_figures *figures, struct err *err);

#endif
