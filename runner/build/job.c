/* SPDX-License-Identifier: MIT */
#include "build/job.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "build/build.h"
#include "build/chain.h"
#include "build/perform.h"
#include "build/step.h"
#include "cache/push.h"
#include "cache/statement.h"
#include "cache/substitute.h"
#include "fetch/fetch.h"
#include "plan/wording.h"
#include "store/record.h"
#include "store/store.h"
#include "store/store_lease.h"
#include "store/store_lock.h"

#include <time.h>

void
jobs_tell(struct jobs *jobs, struct build_event event)
{
	if (jobs->options->observer) {
		pthread_mutex_lock(&jobs->observing);
		jobs->options->observer(jobs->options->context, &event);
		pthread_mutex_unlock(&jobs->observing);
	}
}

const struct step_figures *
job_figures(const struct job *job)
{
	return job->figures.wall_ms || job->figures.peak_memory ? &job->figures : NULL;
}

static void
tell_job(const struct job *job, enum build_event_kind kind)
{
	jobs_tell(job->jobs, (struct build_event){
				     .kind = kind,
				     .action = job->index,
				     .key = job->key,
				     .wall_ms = clock_now_ms() - job->began,
				     .figures = job_figures(job),
			     });
}

static void
on_waiting(void *context, int pid)
{
	const struct job *job = context;

	jobs_tell(job->jobs, (struct build_event){.kind = BUILD_WAITING,
				     .action = job->index,
				     .key = job->key,
				     .count = (uint64_t)(pid > 0 ? pid : 0)});
}

static void
on_fetched(void *context, uint64_t done, uint64_t total)
{
	const struct job *job = context;

	jobs_tell(job->jobs, (struct build_event){.kind = BUILD_PROGRESS,
				     .action = job->index,
				     .count = done,
				     .total = total});
}

static void
on_output(void *context, const char *text, size_t length)
{
	const struct job *job = context;

	jobs_tell(job->jobs, (struct build_event){.kind = BUILD_OUTPUT,
				     .action = job->index,
				     .key = job->key,
				     .text = text,
				     .length = length});
}

static void
on_packed(void *context, const struct pack_report *report)
{
	const struct job *job = context;

	jobs_tell(job->jobs, (struct build_event){.kind = BUILD_PACKED,
				     .action = job->index,
				     .key = job->key,
				     .report = report});
}

/* 1: its output is there, and what its id is; 0: not; -1: err. */
static int
find_output(const struct job *job, struct digest *ret_id, struct err *err)
{
	struct record record;

	if (!job->key) {
		*ret_id = job->action->fetch.sha256;
		return store_hold(job->jobs->store, ret_id, 1, err) < 0
			       ? -1
			       : store_has_blob(job->jobs->store, ret_id);
	}
	int found = store_get_record(job->jobs->store, job->key, &record, err);
	if (found == 1) {
		*ret_id = record.output;
		record_done(&record);
		found = store_hold_tree(job->jobs->store, ret_id, err);
	}
	return found;
}

static int
write_record(struct job *job, const struct digest *id, struct err *err)
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
	if (store_put_record(job->jobs->store, &record, err) < 0) {
		return -1;
	}
	if (job->jobs->options->pusher) {
		job->is_pushed = true;
		pusher_add(job->jobs->options->pusher, &record,
			chain_is_shared(job->jobs->plan, job->index, job->jobs->wanted));
	}
	return 0;
}

struct substitute
jobs_substitute(const struct jobs *jobs)
{
	return (struct substitute){
		.caches = jobs->options->caches,
		.store = jobs->store,
		.helper_dir = jobs->options->helper_dir,
		.cancel_fd = jobs->options->cancel_fd,
	};
}

/* 1: a cache gave it; 0: none did. */
static int
pull(struct job *job, struct digest *ret_id, struct err *err)
{
	cleanup_buf struct buf components = {0};
	struct jobs *jobs = job->jobs;
	struct substitute substitute = jobs_substitute(jobs);
	struct statement statement;
	struct record record;

	job->began = clock_now_ms();
	tell_job(job, BUILD_PULLING);
	int found = substitute_tree(&substitute, job->key, &statement, err);
	if (found == 1) {
		chain_record(job->action, job->input_ids, &statement, &components, &record);
		found = store_put_record(jobs->store, &record, err) < 0 ? -1 : 1;
	}
	if (found != 1) {
		tell_job(job, BUILD_NOT_PULLED);
		return found;
	}
	*ret_id = statement.output;
	jobs_tell(jobs, (struct build_event){.kind = BUILD_PULLED,
				.action = job->index,
				.key = job->key,
				.count = statement.archive_size,
				.wall_ms = clock_now_ms() - job->began});
	return 1;
}

/* Leaves the record alone. */
static int
perform(struct job *job, struct digest *ret_id, struct err *err)
{
	struct jobs *jobs = job->jobs;
	const struct perform what = {
		.store = jobs->store,
		.plan = jobs->plan,
		.options = jobs->options,
		.fetcher = jobs->fetcher,
		.action = job->action,
		.key = job->key,
		.input_ids = job->input_ids,
		.fetched = on_fetched,
		.output = on_output,
		.packed = on_packed,
		.context = job,
	};

	job->began = clock_now_ms();
	tell_job(job, BUILD_STARTED);
	return perform_action(&what, ret_id, &job->figures, err);
}

static int
make(struct job *job, struct digest *ret_id, struct err *err)
{
	if (perform(job, ret_id, err) < 0 || write_record(job, ret_id, err) < 0) {
		return -1;
	}
	tell_job(job, BUILD_DONE);
	return 0;
}

int
job_refuse(const struct action *action, struct err *err)
{
	return err_fail(err, STATUS_SOURCE, "no cache has the output of %s", wording_name(action));
}

/* Under the action's lock. Its output may be there: another process made it, or the inputs came out
 * as they were before. 1: it was to be pulled, and can't be. */
static int
do_locked(struct job *job, struct digest *ret_id, struct err *err)
{
	struct jobs *jobs = job->jobs;
	int found = find_output(job, ret_id, err);

	if (found != 0) {
		if (found == 1) {
			jobs_tell(jobs, (struct build_event){.kind = BUILD_HIT,
						.action = job->index,
						.key = job->key,
						.count = 1});
		}
		return found < 0 ? -1 : 0;
	}
	if (job->may_pull) {
		found = pull(job, ret_id, err);
	}
	if (found != 0) {
		return found < 0 ? -1 : 0;
	}
	if (job->is_pull && jobs->options->is_pull_only) {
		return job_refuse(job->action, err);
	}
	return job->is_pull ? 1 : make(job, ret_id, err);
}

int
job_do(struct job *job, struct digest *ret_id, struct err *err)
{
	int lock;
	struct jobs *jobs = job->jobs;

	if (store_lock(jobs->store, job->lock, jobs->options->cancel_fd, on_waiting, job, &lock,
		    err) < 0) {
		return -1;
	}
	int result = do_locked(job, ret_id, err);
	store_unlock(jobs->store, lock);
	return result;
}

int
job_redo(struct job *job, struct digest *ret_id, struct err *err)
{
	int lock;
	struct jobs *jobs = job->jobs;

	if (store_lock(jobs->store, job->lock, jobs->options->cancel_fd, on_waiting, job, &lock,
		    err) < 0) {
		return -1;
	}
	int result = perform(job, ret_id, err);
	store_unlock(jobs->store, lock);
	return result;
}
