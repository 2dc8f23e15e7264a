/* SPDX-License-Identifier: MIT */
/* The options that every building subcommand has, and the build that they ask for. */
#ifndef BRUN_BUILDING_H
#define BRUN_BUILDING_H

#include "base/err.h"
#include "command/options.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct caches;
struct digest;
struct limits;
struct progress;
struct pusher;
struct request;
struct store;
struct walk;

/* The first group is what the options say. */
struct building {
	const char *store, *color;
	struct option_list mirrors, limits, caches, trusted;
	unsigned jobs;
	bool is_offline, is_dry, keeps_going, keeps_failed, is_quiet, is_json;
	bool pushes, is_alone; /* --push, --no-cache */
	/* Not among the rows; a subcommand sets them. */
	bool is_rebuild;   /* build it again and compare */
	bool is_pull_only; /* take it from a cache, or fail */
	bool is_push_only; /* only send what is there */

	struct err interruption; /* of building_settle: a signal ended the wait, or status 0 */
	struct caches *open_caches;
	struct pusher *pusher;
	struct progress *progress; /* where notices go while it is there; under the lock */
	size_t shown;		   /* the action that they are shown with */
	pthread_mutex_t lock;
};

/* Rows for an option table; `flags` is a struct building. */
#define BUILDING_ROWS(flags)                                                                       \
	{'j', "jobs", OPTION_COUNT, &(flags).jobs, "N", "actions at once, and $JOBS in a step"},   \
		{'K', "keep-failed", OPTION_FLAG, &(flags).keeps_failed, NULL,                     \
			"keep the directory of a failed step"},                                    \
		{'k', "keep-going", OPTION_FLAG, &(flags).keeps_going, NULL,                       \
			"after a failure build what does not depend on it"},                       \
		{0, "offline", OPTION_FLAG, &(flags).is_offline, NULL, "fetch nothing"},           \
		{'n', "dry-run", OPTION_FLAG, &(flags).is_dry, NULL, "show what would run"},       \
		{0, "mirror", OPTION_LIST, &(flags).mirrors, "NAME=URL",                           \
			"where mirror://NAME/ leads; before all others"},                          \
		{0, "limit", OPTION_LIST, &(flags).limits, "NAME=N",                               \
			"of each step: time, silence, memory, disk, processes, log"},              \
		{0, "cache", OPTION_LIST, &(flags).caches, "URL",                                  \
			"take what somebody has built from there; before all others"},             \
		{0, "trust", OPTION_LIST, &(flags).trusted, "KEY",                                 \
			"believe what is signed by this key"},                                     \
		{0, "push", OPTION_FLAG, &(flags).pushes, NULL,                                    \
			"send what is built to the caches"},                                       \
		{0, "no-cache", OPTION_FLAG, &(flags).is_alone, NULL, "use no cache"},             \
		OPTION_STORE(&(flags).store),                                                      \
		{0, "color", OPTION_TEXT, &(flags).color, "WHEN", "auto, always or never"},        \
		{'q', "quiet", OPTION_FLAG, &(flags).is_quiet, NULL, "print errors only"},         \
	{                                                                                          \
		0, "json", OPTION_FLAG, &(flags).is_json, NULL, "one JSON event a line, on stderr" \
	}

/* Opens the store of the options, and cleans up what killed runs left there. */
int building_open_store(const struct building *building, struct store **ret_store, struct err *err);

/* How many actions at once, and $JOBS. */
unsigned building_jobs(const struct building *building);

/* The limits of the options and of the configuration; STATUS_USAGE where one is no good. */
int building_limits(const struct building *building, struct limits *ret_limits, struct err *err);

/* Is there nothing to do, and nothing to show? Then the id of the output's tree; what was asked for
 * need not have been evaluated for that. False may only mean that it is not known. */
bool building_recall(const struct building *building, struct store *store,
	const struct request *request, struct digest *ret_id);

/* Builds request->output with a display on stderr; SIGINT, SIGTERM and SIGHUP stop it. */
int building_run(struct building *building, struct store *store, const struct request *request,
	struct digest *ret_id, struct err *err);

/* What of request->output is in the store, and what would run. walk_done frees. */
int building_walk(
	struct store *store, const struct request *request, struct walk *ret_walk, struct err *err);

/* The same as building_run for any action of the plan. */
int building_run_action(struct building *building, struct store *store,
	const struct request *request, size_t wanted, struct digest *ret_id, struct err *err);

/* Opens the caches of options and configuration, unless that was done; a build does it by
 * itself. */
int building_open_caches(struct building *building, struct store *store,
	const struct request *request, struct err *err);

/* Waits for what is still on its way to the caches, and says what became of it; closes them. To be
 * called while the store is open, however the build ended. Returns how many records were not
 * sent. */
size_t building_settle(struct building *building, const struct err *err);

#endif
