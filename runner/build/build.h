/* SPDX-License-Identifier: MIT */
/* Building a plan: what is missing, in parallel, each action once. */
#ifndef BRUN_BUILD_H
#define BRUN_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "plan/plan.h"

struct caches;
struct err;
struct limits;
struct mirrors;
struct pack_report;
struct pusher;
struct step_figures;
struct store;

/* What happened to one action, for the display. */
struct build_event {
	enum build_event_kind {
		BUILD_PLANNED, /* `count` actions will have to run; again where that changes */
		BUILD_WAITING, /* another process (pid in `count`) does it */
		BUILD_STARTED,
		BUILD_PROGRESS,	 /* fetches: count of total bytes */
		BUILD_OUTPUT,	 /* a piece of its log: text, length */
		BUILD_DONE,	 /* wall_ms says how long */
		BUILD_FAILED,	 /* err says why */
		BUILD_HIT,	 /* there already; count is 1 where it was planned to run */
		BUILD_WOULD_RUN, /* is_dry: it is missing; key is NULL where an input decides */
		BUILD_PULLING,	 /* a cache is asked for its output */
		BUILD_PULLED,	 /* and has given it: count bytes, after wall_ms */
		BUILD_NOT_PULLED,
		BUILD_PACKED, /* report says what the packer made */
		BUILD_NOTICE, /* something to tell, about no action: text */
	} kind;
	size_t action; /* index in the plan */
	uint64_t count, total, wall_ms;
	const char *text;
	size_t length;
	const struct err *err;
	const struct digest *key;	    /* or NULL */
	const struct step_figures *figures; /* of a step that is over; or NULL */
	const struct pack_report *report;   /* launcher/pack.h; or NULL */
};

struct build_options {
	unsigned jobs;		/* actions at once and $JOBS; 0: the number of processors */
	bool is_offline;	/* never start a fetch */
	bool is_dry;		/* find out what is missing, run nothing */
	bool is_pull_only;	/* take it from a cache, or fail: run nothing */
	bool keep_going;	/* after a failure, go on with what does not depend on it */
	bool keep_failed;	/* keep directories of failed steps */
	const char *recipe;	/* as the command line calls it, for advice; or NULL */
	const char *helper_dir; /* where fetch-helper and unpack-helper are */
	const struct mirrors *mirrors;
	struct caches *caches;	     /* where outputs may be had; NULL: nowhere */
	struct pusher *pusher;	     /* takes what was built; or NULL */
	const struct limits *limits; /* a person's, of each step; or NULL */
	int root_fd;		     /* the recipe's directory, where globs start from; -1: none */
	int library_fd;		     /* the same for recipes that come with brun; -1: none */
	int cancel_fd;		     /* readable: stop everything, STATUS_INTERRUPTED */
	/* Called from any thread, one call at a time. */
	void (*observer)(void *context, const struct build_event *event);
	void *context;
};

/* Makes sure that the action `wanted` has its output in the store; its id comes back. Works from
 * the wanted end: an action whose record is there asks for nothing below it. The status of err
 * is the first failure's. With is_dry, *ret_id is untouched and events tell what would run. */
int build_plan(struct store *store, const struct plan *plan, size_t wanted,
	const struct build_options *options, struct digest *ret_id, struct err *err);

#endif
