/* SPDX-License-Identifier: MIT */
#include "rebuild.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "build.h"
#include "difference.h"
#include "figures.h"
#include "perform.h"
#include "plan.h"
#include "quote.h"
#include "store.h"
#include "wording.h"

#include <stdbool.h>
#include <string.h>

/* One action that is done again. */
struct again {
	struct store *store;
	const struct plan *plan;
	const struct build_options *options;
	size_t index;
	struct digest key, first; /* first: what its record says */
	struct digest *input_ids;
	struct step_figures figures;
	uint64_t began;
};

static void
tell(const struct again *again, struct build_event event)
{
	event.action = again->index;
	event.key = &again->key;
	event.wall_ms = clock_now_ms() - again->began;
	if (again->options->observer) {
		again->options->observer(again->options->context, &event);
	}
}

static void
on_output(void *context, const char *text, size_t length)
{
	tell(context, (struct build_event){.kind = BUILD_OUTPUT, .text = text, .length = length});
}

static void
on_waiting(void *context, int pid)
{
	tell(context, (struct build_event){
			      .kind = BUILD_WAITING, .count = (uint64_t)(pid > 0 ? pid : 0)});
}

static int
explain(const struct again *again, const struct digest *second, struct err *err)
{
	const struct action *action = &again->plan->actions[again->index];
	cleanup_buf struct buf lines = {0}, command = {0};
	cleanup_free char *was = store_tree_path(again->store, &again->first);
	cleanup_free char *is = store_tree_path(again->store, second);

	if (difference_add(again->store, &again->first, second, &lines, err) < 0) {
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
do_it(struct again *again, struct err *err)
{
	struct digest second;
	const struct perform what = {
		.store = again->store,
		.plan = again->plan,
		.options = again->options,
		.action = &again->plan->actions[again->index],
		.key = &again->key,
		.input_ids = again->input_ids,
		.output = on_output,
		.context = again,
	};

	again->began = clock_now_ms();
	tell(again, (struct build_event){.kind = BUILD_STARTED});
	if (perform_action(&what, &second, &again->figures, err) < 0) {
		return -1;
	}
	return digest_equal(&again->first, &second) ? 0 : explain(again, &second, err);
}

static int
do_locked(struct again *again, struct err *err)
{
	int lock, result;

	if (store_lock(again->store, &again->key, again->options->cancel_fd, on_waiting, again,
		    &lock, err) < 0) {
		return -1;
	}
	result = do_it(again, err);
	store_unlock(again->store, lock);
	const struct step_figures *figures = again->figures.wall_ms ? &again->figures : NULL;
	if (result == 0) {
		tell(again, (struct build_event){.kind = BUILD_DONE, .figures = figures});
	} else if (err->status != STATUS_INTERRUPTED) {
		tell(again,
			(struct build_event){.kind = BUILD_FAILED, .figures = figures, .err = err});
	}
	return result;
}

/* Makes sure that all its inputs and its first output are there. */
static int
prepare(struct again *again, struct err *err)
{
	const struct action *action = &again->plan->actions[again->index];

	for (size_t i = 0; i < action->input_count; i++) {
		if (build_plan(again->store, again->plan, action->inputs[i].index, again->options,
			    &again->input_ids[i], err) < 0) {
			return -1;
		}
	}
	again->key = plan_key(action, again->input_ids, NULL);
	return build_plan(
		again->store, again->plan, again->index, again->options, &again->first, err);
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
	cleanup_free bool *is_own = mem_zalloc(wanted + 1, sizeof *is_own);
	int result = 0;

	mark_own(plan, wanted, is_own);
	for (size_t i = 0; i <= wanted && result == 0; i++) {
		if (!is_own[i]) {
			continue;
		}
		struct again again = {.store = store, .plan = plan, .options = options, .index = i};
		cleanup_free struct digest *ids =
			mem_zalloc(plan->actions[i].input_count + 1, sizeof *ids);
		again.input_ids = ids;
		result = prepare(&again, err) < 0 ? -1 : do_locked(&again, err);
	}
	return result;
}
