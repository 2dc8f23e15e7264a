/* SPDX-License-Identifier: MIT */
#include "build/outcome.h"

#include "base/buf.h"
#include "base/err.h"
#include "build/step.h"
#include "plan/plan.h"
#include "plan/wording.h"
#include "sandbox/sandbox.h"
#include "text/amount.h"
#include "text/elapsed.h"

#include <inttypes.h>
#include <string.h>

/* Puts what went too far into words; "time=SECONDS", as --limit takes it. */
static const char *
describe_limit(enum sandbox_outcome outcome, const struct sandbox_limits *limits, struct buf *text)
{
	switch (outcome) {
	case SANDBOX_WALL:
		buf_printf(text, "it ran for longer than %" PRIu64 " s", limits->wall_seconds);
		return "time=SECONDS";
	case SANDBOX_SILENCE:
		buf_printf(text, "it printed nothing for %" PRIu64 " s", limits->silence_seconds);
		return "silence=SECONDS";
	case SANDBOX_LOG:
		buf_puts(text, "it printed more than ");
		amount_add_bytes(text, limits->log_bytes);
		return "log=BYTES";
	case SANDBOX_MEMORY:
		buf_puts(text, "it took more memory than ");
		amount_add_bytes(text, limits->memory_bytes);
		return "memory=BYTES";
	case SANDBOX_PROCESSES:
		buf_printf(text, "it had more than %" PRIu64 " processes and threads at once",
			limits->processes);
		return "processes=NUMBER";
	default:
		buf_puts(text, "it wrote more to disk than ");
		amount_add_bytes(text, limits->disk_bytes);
		return "disk=BYTES";
	}
}

static const char *
what(const struct action *action)
{
	return action->kind == ACTION_TEST ? "test" : "step";
}

int
outcome_advise(const struct action *action, const char *limit, struct err *err)
{
	return err_hint(err, "  to raise that limit: --limit %s%s", limit,
		action->kind == ACTION_RUN ? ", or the field 'limits' in the recipe" : "");
}

static int
hit_limit(const struct action *action, const struct sandbox_result *result,
	const struct sandbox_limits *limits, const char *took, struct err *err)
{
	cleanup_buf struct buf why = {0};
	const char *field = describe_limit(result->outcome, limits, &why);

	err_fail(err, STATUS_LIMIT, "%s '%s' was stopped after %s: %s", what(action),
		wording_name(action), took, buf_text(&why));
	/* What is looked through for a test's `match` has a limit of its own. */
	if (action->kind != ACTION_RUN && result->outcome == SANDBOX_LOG) {
		return -1;
	}
	return outcome_advise(action, field, err);
}

void
outcome_describe(const struct sandbox_result *result, struct buf *text)
{
	if (result->outcome == SANDBOX_SIGNALLED) {
		const char *name = sigdescr_np(result->signal);
		buf_printf(text, "signal %d (%s)", result->signal, name ? name : "unknown");
	} else {
		buf_printf(text, "exit status %d", result->exit_status);
	}
}

bool
outcome_is_cut_short(const struct sandbox_result *result)
{
	return result->outcome != SANDBOX_EXITED && result->outcome != SANDBOX_SIGNALLED;
}

int
outcome_check(const struct action *action, const struct sandbox_result *result,
	const struct sandbox_limits *limits, struct err *err)
{
	cleanup_buf struct buf took = {0};
	cleanup_buf struct buf end = {0};

	if (result->outcome == SANDBOX_EXITED && result->exit_status == 0) {
		return 0;
	}
	if (result->outcome == SANDBOX_CANCELLED) {
		return err_fail(err, STATUS_INTERRUPTED, "interrupted");
	}
	elapsed_add(&took, result->wall_ms);
	if (outcome_is_cut_short(result)) {
		return hit_limit(action, result, limits, buf_text(&took), err);
	}
	outcome_describe(result, &end);
	return err_fail(err, STATUS_STEP, "%s '%s' failed after %s with %s", what(action),
		wording_name(action), buf_text(&took), buf_text(&end));
}

void
outcome_add_figures(const struct sandbox_result *result, struct step_figures *figures)
{
	figures->wall_ms += result->wall_ms;
	figures->user_ms += result->user_ms;
	figures->system_ms += result->system_ms;
	figures->written_bytes += result->written_bytes;
	if (figures->peak_memory < result->peak_memory) {
		figures->peak_memory = result->peak_memory;
	}
}
