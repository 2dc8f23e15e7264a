/* SPDX-License-Identifier: MIT */
#include "outcome.h"

#include "base/buf.h"
#include "base/err.h"
#include "elapsed.h"
#include "plan.h"
#include "sandbox/sandbox.h"
#include "step.h"
#include "wording.h"

#include <inttypes.h>
#include <string.h>

enum { TEST_WALL_SECONDS = 600 };

static uint64_t
either(uint64_t asked, uint64_t otherwise)
{
	return asked ? asked : otherwise;
}

void
outcome_limits(const struct action *action, struct sandbox_limits *ret_limits)
{
	static const struct step_limits test = {.wall_seconds = TEST_WALL_SECONDS};
	const struct step_limits *asked = action->kind == ACTION_RUN ? &action->run.limits : &test;

	*ret_limits = (struct sandbox_limits){
		.wall_seconds = either(asked->wall_seconds, 4 * 3600),
		.silence_seconds = either(asked->silence_seconds, 3600),
		.log_bytes = either(asked->log_bytes, UINT64_C(256) << 20),
		.memory_bytes = asked->memory_bytes,
		.disk_bytes = either(asked->disk_bytes, UINT64_C(64) << 30),
	};
}

/* "wall", as a recipe spells it, and what went too far. */
static const char *
describe_limit(enum sandbox_outcome outcome, const struct sandbox_limits *limits, struct buf *text)
{
	switch (outcome) {
	case SANDBOX_WALL:
		buf_printf(text, "it ran for longer than %" PRIu64 " s", limits->wall_seconds);
		return "wall = SECONDS";
	case SANDBOX_SILENCE:
		buf_printf(text, "it printed nothing for %" PRIu64 " s", limits->silence_seconds);
		return "silence = SECONDS";
	case SANDBOX_LOG:
		buf_puts(text, "it printed more than ");
		wording_add_bytes(text, limits->log_bytes);
		return "log = BYTES";
	case SANDBOX_MEMORY:
		buf_puts(text, "it took more memory than ");
		wording_add_bytes(text, limits->memory_bytes);
		return "memory = BYTES";
	default:
		buf_puts(text, "it wrote more to disk than ");
		wording_add_bytes(text, limits->disk_bytes);
		return "disk = BYTES";
	}
}

static const char *
what(const struct action *action)
{
	return action->kind == ACTION_TEST ? "test" : "step";
}

static int
hit_limit(const struct action *action, const struct sandbox_result *result,
	const struct sandbox_limits *limits, const char *took, struct err *err)
{
	cleanup_buf struct buf why = {0};
	const char *field = describe_limit(result->outcome, limits, &why);

	err_fail(err, STATUS_LIMIT, "%s '%s' was stopped after %s: %s", what(action),
		wording_name(action), took, buf_text(&why));
	return action->kind == ACTION_RUN
		       ? err_hint(
				 err, "  to raise that limit: limits = { %s } in the recipe", field)
		       : -1;
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
	if (figures->peak_memory < result->peak_memory) {
		figures->peak_memory = result->peak_memory;
	}
}
