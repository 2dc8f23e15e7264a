/* SPDX-License-Identifier: MIT */
/* One lock guards the walk; workers take ready actions off it, some only fetches, the others all
 * else. A worker holds at most one of the store's locks, and waits for nothing while it does. */
#include "build.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "fetch.h"
#include "perform.h"
#include "processors.h"
#include "step.h"
#include "store.h"
#include "store_lease.h"
#include "walk.h"
#include "wording.h"

#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FETCHES_AT_ONCE = 8, NAMED = 10 };

struct build {
	struct store *store;
	const struct plan *plan;
	struct build_options options;
	struct fetcher *fetcher;
	pthread_mutex_t mutex; /* walk, is_stopping, error, others, failures */
	pthread_cond_t changed;
	struct walk walk;
	bool is_stopping;
	struct err error; /* the first failure */
	struct buf others;
	size_t failures;
	pthread_mutex_t observing;
};

struct worker {
	struct build *build;
	pthread_t thread;
	bool fetches;
};

/* One action in the hands of one worker. */
struct job {
	struct build *build;
	size_t index;
	const struct action *action;
	const struct digest *key;  /* NULL for a fetch */
	const struct digest *lock; /* what it is locked by: the key, or the blob */
	struct digest *input_ids;
	uint64_t began;
	struct step_figures figures;
};

static void
tell(struct build *build, struct build_event event)
{
	if (build->options.observer) {
		pthread_mutex_lock(&build->observing);
		build->options.observer(build->options.context, &event);
		pthread_mutex_unlock(&build->observing);
	}
}

/* NULL where no step ran. */
static const struct step_figures *
figures_of(const struct job *job)
{
	return job->figures.wall_ms || job->figures.peak_memory ? &job->figures : NULL;
}

static void
tell_job(const struct job *job, enum build_event_kind kind)
{
	tell(job->build, (struct build_event){
				 .kind = kind,
				 .action = job->index,
				 .key = job->key,
				 .wall_ms = clock_now_ms() - job->began,
				 .figures = figures_of(job),
			 });
}

static void
on_waiting(void *context, int pid)
{
	const struct job *job = context;

	tell(job->build, (struct build_event){.kind = BUILD_WAITING,
				 .action = job->index,
				 .key = job->key,
				 .count = (uint64_t)(pid > 0 ? pid : 0)});
}

static void
on_fetched(void *context, uint64_t done, uint64_t total)
{
	const struct job *job = context;

	tell(job->build, (struct build_event){.kind = BUILD_PROGRESS,
				 .action = job->index,
				 .count = done,
				 .total = total});
}

static void
on_output(void *context, const char *text, size_t length)
{
	const struct job *job = context;

	tell(job->build, (struct build_event){.kind = BUILD_OUTPUT,
				 .action = job->index,
				 .key = job->key,
				 .text = text,
				 .length = length});
}

/* 1: its output is there, and what its id is; 0: not; -1: err. */
static int
find_output(const struct job *job, struct digest *ret_id, struct err *err)
{
	struct record record;

	if (!job->key) {
		*ret_id = job->action->fetch.sha256;
		return store_hold(job->build->store, ret_id, 1, err) < 0
			       ? -1
			       : store_has_blob(job->build->store, ret_id);
	}
	int found = store_get_record(job->build->store, job->key, &record, err);
	if (found == 1) {
		*ret_id = record.output;
		record_done(&record);
		found = store_hold_tree(job->build->store, ret_id, err);
	}
	return found;
}

static int
write_record(const struct job *job, const struct digest *id, struct err *err)
{
	const struct step_figures *figures = &job->figures;
	cleanup_buf struct buf components = {0};

	if (!job->key) {
		return 0;
	}
	plan_key(job->action, job->input_ids, &components);
	struct record record = {
		.key = *job->key,
		.output = *id,
		.name = (char *)wording_name(job->action),
		.components = components.data,
		.wall_ms = figures->wall_ms ? figures->wall_ms : clock_now_ms() - job->began,
		.user_ms = figures->user_ms,
		.system_ms = figures->system_ms,
		.peak_memory = figures->peak_memory,
		.written_bytes = figures->written_bytes,
		.finished = time(NULL),
	};
	return store_put_record(job->build->store, &record, err);
}

/* Under the action's lock. Its output may be there: another process made it, or the inputs came out
 * as they were before. */
static int
do_locked(struct job *job, struct digest *ret_id, struct err *err)
{
	struct build *build = job->build;
	int found = find_output(job, ret_id, err);

	if (found != 0) {
		if (found == 1) {
			tell(build, (struct build_event){.kind = BUILD_HIT,
					    .action = job->index,
					    .key = job->key,
					    .count = 1});
		}
		return found < 0 ? -1 : 0;
	}
	const struct perform what = {
		.store = build->store,
		.plan = build->plan,
		.options = &build->options,
		.fetcher = build->fetcher,
		.action = job->action,
		.key = job->key,
		.input_ids = job->input_ids,
		.fetched = on_fetched,
		.output = on_output,
		.context = job,
	};
	job->began = clock_now_ms();
	tell_job(job, BUILD_STARTED);
	if (perform_action(&what, ret_id, &job->figures, err) < 0 ||
		write_record(job, ret_id, err) < 0) {
		return -1;
	}
	tell_job(job, BUILD_DONE);
	return 0;
}

static int
do_job(struct job *job, struct digest *ret_id, struct err *err)
{
	int lock;
	struct build *build = job->build;

	if (store_lock(build->store, job->lock, build->options.cancel_fd, on_waiting, job, &lock,
		    err) < 0) {
		return -1;
	}
	int result = do_locked(job, ret_id, err);
	store_unlock(build->store, lock);
	return result;
}

/* The first failure is what the build reports, whole; of the others it lists the first lines.
 * The event goes out under the lock, so that a display sees them in that order. */
static void
note_failure(struct build *build, const struct job *job, const struct err *err)
{
	if (err->status == STATUS_INTERRUPTED) {
		build->is_stopping = true;
	} else {
		build->is_stopping |= !build->options.keep_going;
		tell(build, (struct build_event){.kind = BUILD_FAILED,
				    .action = job->index,
				    .key = job->key,
				    .wall_ms = clock_now_ms() - job->began,
				    .figures = figures_of(job),
				    .err = err});
	}
	if (build->failures++ == 0) {
		build->error = *err;
	} else if (err->status != STATUS_INTERRUPTED) {
		buf_printf(&build->others, "\n  %.*s", (int)strcspn(err->text, "\n"), err->text);
	}
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
		.build = build,
		.index = index,
		.action = &build->plan->actions[index],
		.key = node->has_key ? &lock : NULL,
		.lock = &lock,
		.input_ids = walk_input_ids(&build->walk, index),
		.began = clock_now_ms(),
	};

	pthread_mutex_unlock(&build->mutex);
	int result = do_job(&job, &id, &err);
	pthread_mutex_lock(&build->mutex);
	if (result == 0) {
		walk_finish(&build->walk, index, &id);
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
	struct pollfd cancel = {.fd = build->options.cancel_fd, .events = POLLIN};

	return cancel.fd >= 0 && poll(&cancel, 1, 0) > 0;
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

static size_t
count_missing(const struct build *build, bool is_fetch)
{
	size_t count = 0;

	for (size_t i = 0; i < build->plan->action_count; i++) {
		count += build->walk.nodes[i].is_missing &&
			 (build->plan->actions[i].kind == ACTION_FETCH) == is_fetch;
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
		err_set(&build->error, number, "start a thread");
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
	cleanup_free struct worker *workers = mem_zalloc(fetchers + others, sizeof *workers);

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
	tell(build, (struct build_event){.kind = BUILD_PLANNED,
			    .action = build->walk.wanted,
			    .count = build->walk.missing});
	for (size_t i = 0; i <= build->walk.wanted; i++) {
		const struct walk_node *node = &build->walk.nodes[i];
		const struct digest *key = node->has_key ? &node->key : NULL;
		if (node->state == WALK_DONE) {
			tell(build,
				(struct build_event){.kind = BUILD_HIT, .action = i, .key = key});
		} else if (node->is_missing && build->options.is_dry) {
			tell(build, (struct build_event){
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
	build->fetcher = fetcher_new(helper, build->options.mirrors);
	run_workers(build);
	fetcher_free(build->fetcher);
	int result = report(build, err);
	buf_done(&build->others);
	return result;
}

int
build_plan(struct store *store, const struct plan *plan, size_t wanted,
	const struct build_options *options, struct digest *ret_id, struct err *err)
{
	int result = 0;
	struct build build = {
		.store = store,
		.plan = plan,
		.options = *options,
		.mutex = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
		.observing = PTHREAD_MUTEX_INITIALIZER,
	};

	build.options.jobs = options->jobs ? options->jobs : processors_count();
	if (walk_begin(&build.walk, store, plan, wanted, options, err) < 0) {
		return -1;
	}
	tell_plan(&build);
	if (build.walk.missing && !options->is_dry) {
		result = run_missing(&build, err);
	}
	if (result == 0 && !options->is_dry) {
		*ret_id = build.walk.nodes[wanted].id;
	}
	walk_done(&build.walk);
	return result;
}
