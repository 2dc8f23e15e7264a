/* SPDX-License-Identifier: MIT */
/* One action in the hands of one worker: found, pulled, or made. */
#ifndef BRUN_JOB_H
#define BRUN_JOB_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "build/step.h"

struct action;
struct build_event;
struct build_options;
struct err;
struct fetcher;
struct plan;
struct store;
struct substitute;

/* What all jobs of a build share. */
struct jobs {
	struct store *store;
	const struct plan *plan;
	const struct build_options *options;
	struct fetcher *fetcher;
	size_t wanted;		   /* index of the action that the build is for */
	pthread_mutex_t observing; /* one event at a time */
};

struct job {
	struct jobs *jobs;
	size_t index;
	const struct action *action;
	const struct digest *key;  /* NULL for a fetch */
	const struct digest *lock; /* what it is locked by: the key, or the blob */
	bool may_pull;		   /* a cache may have it */
	bool is_pull;		   /* its inputs are not there */
	struct digest *input_ids;
	uint64_t began;
	struct step_figures figures;
	bool is_pushed; /* what it made is on the way to the caches */
};

/* What the step took; NULL where none ran. */
const struct step_figures *job_figures(const struct job *job);

/* Gives an event to the observer, one at a time. */
void jobs_tell(struct jobs *jobs, struct build_event event);

/* What to ask the caches with; options->caches is not NULL. */
struct substitute jobs_substitute(const struct jobs *jobs);

/* Makes sure that the action's output is in the store. 1: it was to be pulled, and can't be. */
int job_do(struct job *job, struct digest *ret_id, struct err *err);

/* Makes its output once more, whatever is there; the record stays as it is. Tells of the start, but
 * not how it ended. */
int job_redo(struct job *job, struct digest *ret_id, struct err *err);

/* Says that no cache has it. Returns -1. */
int job_refuse(const struct action *action, struct err *err);

#endif
