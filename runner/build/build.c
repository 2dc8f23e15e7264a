/* SPDX-License-Identifier: MIT */
/* One lock guards the walk; workers take ready actions off it, some only fetches, the others all
 * else. A worker holds at most one of the store's locks, and waits for nothing while it does. */
#include "build/build.h"

#include "base/buf.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/spawn.h"
#include "build/chain.h"
#include "build/job.h"
#include "build/walk.h"
#include "cache/substitute.h"
#include "fetch/fetch.h"
#include "host/processors.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { FETCHES_AT_ONCE = 8, NAMED = 10 };

struct build {
	struct jobs jobs; /* what they share */
	const struct plan *plan;
	struct build_options options;
	pthread_mutex_t mutex; /* walk, is_stopping, error, others, failures */
	pthread_cond_t changed;
	struct walk walk;
	bool is_stopping;
	struct err error; /* the first failure */
	struct buf others;
	size_t failures;
};

struct worker {
	struct build *build;
	pthread_t thread;
	bool fetches;
};

/* The first failure is what the build reports, whole; of the others it lists the first lines.
 * The event goes out under the lock, so that a display sees them in that order. */
static void
note_failure(struct build *build, const struct job *job, const struct err *err)
{
	if (err->status == STATUS_INTERRUPTED) {
		build->is_stopping = true;
	} else {
		build->is_stopping |= !build->options.keep_going;
		jobs_tell(&build->jobs, (struct build_event){.kind = BUILD_FAILED,
						.action = job->index,
						.key = job->key,
						.wall_ms = clock_now_ms() - job->began,
						.figures = job_figures(job),
						.err = err});
	}
	if (build->failures++ == 0) {
		build->error = *err;
	} else if (err->status != STATUS_INTERRUPTED) {
		buf_printf(&build->others, "\n  %.*s", (int)strcspn(err->text, "\n"), err->text);
	}
}

static void
tell_missing(struct build *build)
{
	jobs_tell(&build->jobs, (struct build_event){.kind = BUILD_PLANNED,
					.action = build->walk.wanted,
					.count = build->walk.missing});
}

/* Takes the lock off while it works. */
static void
work_on(struct build *build, size_t index)
{
	struct walk_node *node = &build->walk.nodes[index];
	struct err err = {0};
	struct digest id;
	struct digest lock = node->has_key ? node->key : node->id;
	struct job job = {
		.jobs = &build->jobs,
		.index = index,
		.action = &build->plan->actions[index],
		.key = node->has_key ? &lock : NULL,
		.lock = &lock,
		.input_ids = walk_input_ids(&build->walk, index),
		.is_pull = node->is_pullable,
		.may_pull = build->options.caches && node->has_key && !node->is_nowhere &&
			    chain_is_shared(build->plan, index, build->walk.wanted),
		.began = clock_now_ms(),
	};

	pthread_mutex_unlock(&build->mutex);
	int result = job_do(&job, &id, &err);
	pthread_mutex_lock(&build->mutex);
	node->is_pushed = job.is_pushed;
	if (result == 0) {
		walk_finish(&build->walk, index, &id);
	} else if (result > 0) {
		walk_reconsider(&build->walk, index);
		tell_missing(build);
	} else {
		note_failure(build, &job, &err);
		walk_fail(&build->walk, index);
	}
	free(job.input_ids);
	pthread_cond_broadcast(&build->changed);
}

static bool
is_cancelled(const struct build *build)
{
	return cancel_is_asked(build->options.cancel_fd);
}

static void
stop_if_cancelled(struct build *build)
{
	if (!build->is_stopping && is_cancelled(build)) {
		build->is_stopping = true;
		if (build->failures++ == 0) {
			err_fail(&build->error, STATUS_INTERRUPTED, "interrupted");
		}
		pthread_cond_broadcast(&build->changed);
	}
}

static void *
work(void *context)
{
	struct worker *worker = context;
	struct build *build = worker->build;

	pthread_mutex_lock(&build->mutex);
	for (;;) {
		stop_if_cancelled(build);
		if (build->is_stopping || build->walk.left == 0) {
			break;
		}
		size_t index = walk_take(&build->walk, worker->fetches);
		if (index == SIZE_MAX) {
			pthread_cond_wait(&build->changed, &build->mutex);
		} else {
			work_on(build, index);
		}
	}
	pthread_mutex_unlock(&build->mutex);
	return NULL;
}

/* How many may have to be done at most: what can't be pulled asks for more than was missing. */
static size_t
count_missing(const struct build *build, bool is_fetch)
{
	size_t count = 0;

	for (size_t i = 0; i <= build->walk.wanted; i++) {
		const struct walk_node *node = &build->walk.nodes[i];
		bool may_run = node->is_reachable && !node->is_there;
		bool comes = build->plan->actions[i].kind == ACTION_FETCH;
		count += may_run && (comes == is_fetch || (is_fetch && node->is_pullable));
	}
	return count;
}

static size_t
at_most(size_t count, size_t limit)
{
	return count < limit ? count : limit;
}

/* Gives up: without its full crew a build could wait for ever. */
static void
stop_for_want_of_threads(struct build *build, int number)
{
	pthread_mutex_lock(&build->mutex);
	build->is_stopping = true;
	if (build->failures++ == 0) {
		spawn_failed("start a thread", number, &build->error);
	}
	pthread_cond_broadcast(&build->changed);
	pthread_mutex_unlock(&build->mutex);
}

static void
run_workers(struct build *build)
{
	size_t fetchers = at_most(count_missing(build, true), FETCHES_AT_ONCE);
	size_t others = at_most(count_missing(build, false), build->options.jobs);
	size_t started = 0;
	int number = 0;
	cleanup_free struct worker *workers = mem_zalloc(fetchers + others, sizeof(*workers));

	while (started < fetchers + others && number == 0) {
		workers[started] = (struct worker){.build = build, .fetches = started < fetchers};
		number = pthread_create(&workers[started].thread, NULL, work, &workers[started]);
		started += number == 0;
	}
	if (number) {
		stop_for_want_of_threads(build, number);
	}
	for (size_t i = 0; i < started; i++) {
		pthread_join(workers[i].thread, NULL);
	}
}

/* Tells what is missing, and which of what is there the missing rests on. */
static void
tell_plan(struct build *build)
{
	tell_missing(build);
	for (size_t i = 0; i <= build->walk.wanted; i++) {
		const struct walk_node *node = &build->walk.nodes[i];
		const struct digest *key = node->has_key ? &node->key : NULL;
		if (node->state == WALK_DONE) {
			jobs_tell(&build->jobs,
				(struct build_event){.kind = BUILD_HIT, .action = i, .key = key});
		} else if (node->is_missing && build->options.is_dry) {
			jobs_tell(&build->jobs,
				(struct build_event){
					.kind = BUILD_WOULD_RUN, .action = i, .key = key});
		}
	}
}

static int
refuse_fetches(const struct build *build, struct err *err)
{
	cleanup_buf struct buf names = {0};
	size_t count = 0;

	for (size_t i = 0; i <= build->walk.wanted; i++) {
		const struct action *action = &build->plan->actions[i];
		if (!build->walk.nodes[i].is_missing || action->kind != ACTION_FETCH) {
			continue;
		}
		if (count++ < NAMED) {
			buf_printf(&names, "\n  %s", action->fetch.urls[0]);
		}
	}
	if (!count) {
		return 0;
	}
	err_fail(err, STATUS_SOURCE,
		"%zu source%s not in the store, and --offline fetches none:%s%s", count,
		count == 1 ? " is" : "s are", buf_text(&names),
		count > NAMED ? "\n  and more" : "");
	return err_hint(err, "run it once without --offline");
}

static int
report(const struct build *build, struct err *err)
{
	if (!build->failures) {
		return 0;
	}
	*err = build->error;
	if (build->others.length) {
		err_hint(err, "failed as well:%s", buf_text(&build->others));
	}
	return -1;
}

static int
run_missing(struct build *build, struct err *err)
{
	cleanup_free char *helper = mem_printf("%s/fetch-helper", build->options.helper_dir);

	if (build->options.is_offline && refuse_fetches(build, err) < 0) {
		return -1;
	}
	build->jobs.fetcher = fetcher_new(helper, build->options.mirrors);
	run_workers(build);
	fetcher_free(build->jobs.fetcher);
	int result = report(build, err);
	buf_done(&build->others);
	return result;
}

/* What a collection takes away between the look and the hold is looked for again. */
static int
begin_walk(struct build *build, size_t wanted, struct err *err)
{
	for (;;) {
		if (walk_init(&build->walk, build->jobs.store, build->plan, wanted, &build->options,
			    err) < 0) {
			return -1;
		}
		if (build->options.caches && !build->walk.nodes[wanted].is_there) {
			struct substitute substitute = jobs_substitute(&build->jobs);
			chain_learn(&build->walk, &substitute);
		}
		walk_begin(&build->walk);
		int held = build->options.is_dry ? 1 : walk_hold(&build->walk, err);
		if (held == 1) {
			return 0;
		}
		walk_done(&build->walk);
		if (held < 0) {
			return -1;
		}
	}
}

int
build_plan(struct store *store, const struct plan *plan, size_t wanted,
	const struct build_options *options, struct digest *ret_id, struct err *err)
{
	int result = 0;
	struct build build = {
		.plan = plan,
		.options = *options,
		.mutex = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
		.jobs = {.store = store,
			.plan = plan,
			.options = &build.options,
			.wanted = wanted,
			.observing = PTHREAD_MUTEX_INITIALIZER},
	};

	build.options.jobs = options->jobs ? options->jobs : processors_count();
	if (begin_walk(&build, wanted, err) < 0) {
		return -1;
	}
	tell_plan(&build);
	if (options->is_pull_only && build.walk.missing && !build.walk.nodes[wanted].is_pullable) {
		walk_done(&build.walk);
		return job_refuse(&plan->actions[wanted], err);
	}
	if (build.walk.missing && !options->is_dry) {
		result = run_missing(&build, err);
	}
	if (result == 0 && !options->is_dry) {
		*ret_id = build.walk.nodes[wanted].id;
		if (options->pusher && build.walk.missing) {
			/* A cache is of use only with the records of all that this rests on. */
			chain_push(&build.walk, options->pusher);
		}
	}
	walk_done(&build.walk);
	return result;
}
