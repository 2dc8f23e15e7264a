/* SPDX-License-Identifier: MIT */
#include "build/rebuild.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "build/build.h"
#include "build/job.h"
#include "plan/plan.h"
#include "plan/wording.h"
#include "store/difference.h"
#include "store/store.h"
#include "text/quote.h"

#include <stdbool.h>
#include <string.h>

/* One action that is done again. */
struct again {
	struct jobs *jobs;
	struct job job;
	struct digest key, first; /* first: what its record says */
};

static void
tell_end(const struct again *again, enum build_event_kind kind, const struct err *err)
{
	const struct job *job = &again->job;

	jobs_tell(again->jobs, (struct build_event){.kind = kind,
				       .action = job->index,
				       .key = job->key,
				       .wall_ms = clock_now_ms() - job->began,
				       .figures = job_figures(job),
				       .err = err});
}

static int
explain(const struct again *again, const struct digest *second, struct err *err)
{
	const struct action *action = again->job.action;
	cleanup_buf struct buf lines = {0}, command = {0};
	cleanup_free char *was = store_tree_path(again->jobs->store, &again->first);
	cleanup_free char *is = store_tree_path(again->jobs->store, second);

	if (difference_add(again->jobs->store, &again->first, second, &lines, err) < 0) {
		return -1;
	}
	err_fail(err, STATUS_IRREPRODUCIBLE,
		"'%s' is not reproducible: %s it again made another tree", wording_name(action),
		wording_doing(action));
	if (*action->where) {
		err_hint(err, "  defined at %s", action->where);
	}
	err_hint(err, "  first  %s\n  again  %s\nwhat differs:%s", was, is, buf_text(&lines));
	quote_for_shell(was, &command);
	buf_putc(&command, ' ');
	quote_for_shell(is, &command);
	return err_hint(err, "to look closer: diff -r --no-dereference %s", buf_text(&command));
}

static int
do_again(struct again *again, struct err *err)
{
	struct digest second;
	int result = job_redo(&again->job, &second, err);

	if (result == 0 && !digest_equal(&again->first, &second)) {
		result = explain(again, &second, err);
	}
	if (result == 0) {
		tell_end(again, BUILD_DONE, NULL);
	} else if (err->status != STATUS_INTERRUPTED) {
		tell_end(again, BUILD_FAILED, err);
	}
	return result;
}

/* Makes sure that all its inputs and its first output are there. */
static int
prepare(struct again *again, struct err *err)
{
	const struct jobs *jobs = again->jobs;
	struct job *job = &again->job;

	for (size_t i = 0; i < job->action->input_count; i++) {
		if (build_plan(jobs->store, jobs->plan, job->action->inputs[i].index, jobs->options,
			    &job->input_ids[i], err) < 0) {
			return -1;
		}
	}
	again->key = plan_key(job->action, job->input_ids, NULL);
	return build_plan(jobs->store, jobs->plan, job->index, jobs->options, &again->first, err);
}

static int
check(struct jobs *jobs, size_t index, struct err *err)
{
	const struct action *action = &jobs->plan->actions[index];
	cleanup_free struct digest *ids = mem_zalloc(action->input_count + 1, sizeof(*ids));
	struct again again = {
		.jobs = jobs,
		.job = {.jobs = jobs, .index = index, .action = action, .input_ids = ids},
	};

	again.job.key = again.job.lock = &again.key;
	again.job.began = clock_now_ms();
	return prepare(&again, err) < 0 ? -1 : do_again(&again, err);
}

/* What takes trees apart or together: whose they are is asked of where they come from. */
static bool
is_passing(enum action_kind kind)
{
	return kind == ACTION_TEST || kind == ACTION_PACK || kind == ACTION_FILTER ||
	       kind == ACTION_MERGE;
}

/* A glob has no key, and comes from the recipe's folder as it is now. Inputs come first in a plan,
 * so one pass from the end is enough. */
static void
mark_own(const struct plan *plan, size_t wanted, bool *is_own)
{
	is_own[wanted] = true;
	for (size_t i = wanted + 1; i-- > 0;) {
		const struct action *action = &plan->actions[i];
		for (size_t j = 0; is_own[i] && is_passing(action->kind) && j < action->input_count;
			j++) {
			if (strcmp(action->inputs[j].role, "tree") == 0) {
				is_own[action->inputs[j].index] = true;
			}
		}
		is_own[i] =
			is_own[i] && action->kind != ACTION_FETCH && action->kind != ACTION_GLOB;
	}
}

int
rebuild_check(struct store *store, const struct plan *plan, size_t wanted,
	const struct build_options *options, struct err *err)
{
	struct jobs jobs = {
		.store = store,
		.plan = plan,
		.options = options,
		.wanted = wanted,
		.observing = PTHREAD_MUTEX_INITIALIZER,
	};
	cleanup_free bool *is_own = mem_zalloc(wanted + 1, sizeof(*is_own));
	int result = 0;

	mark_own(plan, wanted, is_own);
	for (size_t i = 0; i <= wanted && result == 0; i++) {
		result = is_own[i] ? check(&jobs, i, err) : 0;
	}
	return result;
}
