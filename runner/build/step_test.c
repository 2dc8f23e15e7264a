/* SPDX-License-Identifier: MIT */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "build/limit.h"
#include "build/outcome.h"
#include "build/step.h"
#include "build/step_input.h"
#include "build/transcript.h"
#include "build/world.h"
#include "plan/plan.h"
#include "plan/wording.h"
#include "sandbox/sandbox.h"
#include "text/logtext.h"

#include <stdio.h>
#include <string.h>

/* Output that is looked through for `match`; a test that prints more is over a limit. */
enum { OUTPUT_BYTES = 8 << 20 };

/* One command of a test, and what it printed. */
struct trial {
	struct store *store;
	const struct action *action;
	const struct test_step *step;
	const struct digest *output_id;
	const struct step_options *options;
	struct transcript transcript;
	struct buf printed;
};

static void
take_output(void *context, const char *data, size_t length)
{
	struct trial *trial = context;

	buf_add(&trial->printed, data, length);
	transcript_add(&trial->transcript, data, length);
}

static void
add_command(const struct trial *trial, struct buf *text)
{
	for (const char *const *word = trial->step->argv; *word; word++) {
		if (word != trial->step->argv) {
			buf_putc(text, ' ');
		}
		logtext_add_line(text, *word, strlen(*word), 200);
	}
}

/* The log shows each command before what it printed. */
static void
announce(struct trial *trial)
{
	cleanup_buf struct buf text = {0};

	buf_puts(&text, "$ ");
	add_command(trial, &text);
	buf_putc(&text, '\n');
	transcript_add(&trial->transcript, text.data, text.length);
}

static int
run_command(struct trial *trial, struct sandbox_limits *ret_limits,
	struct sandbox_result *ret_result, struct err *err)
{
	struct world world;
	const char *const *words = trial->step->argv;
	size_t count = 0;

	while (words[count]) {
		count++;
	}
	world_of_test(trial->store, trial->output_id, trial->step, &world);
	const char **argv = arena_alloc(&world.arena, count + 1, sizeof(*argv));
	memcpy(argv, words, count * sizeof(*argv));
	argv[0] = words[0][0] == '/' ? words[0]
				     : arena_printf(&world.arena, WORLD_OUTPUT "/bin/%s", words[0]);
	struct sandbox_spec spec = {
		.mounts = world.mounts,
		.mount_count = world.mount_count,
		.argv = argv,
		.env = world.env,
		.cwd = "/tmp",
		.cancel_fd = trial->options->cancel_fd,
		.output = take_output,
		.context = trial,
	};
	limit_of(trial->action, trial->options->limits, &spec.limits);
	spec.limits.log_bytes = OUTPUT_BYTES;
	*ret_limits = spec.limits;
	int result = sandbox_run(&spec, ret_result, err);
	world_done(&world);
	return result;
}

static bool
has_match(const struct trial *trial)
{
	const char *match = trial->step->match;

	return !match ||
	       (trial->printed.length &&
		       memmem(trial->printed.data, trial->printed.length, match, strlen(match)));
}

static int
mismatch(const struct trial *trial, const struct sandbox_result *result, struct err *err)
{
	cleanup_buf struct buf command = {0};
	cleanup_buf struct buf got = {0};
	const struct test_step *step = trial->step;

	add_command(trial, &command);
	outcome_describe(result, &got);
	err_fail(err, STATUS_STEP, "test '%s' failed: %s", wording_name(trial->action),
		buf_text(&command));
	err_hint(err, "  expected exit status %d%s%s%s", step->exit_status,
		step->match ? " and output with \"" : "", step->match ? step->match : "",
		step->match ? "\"" : "");
	return err_hint(err, "  got      %s%s", buf_text(&got),
		has_match(trial) ? "" : " and output without it");
}

static int
run_trial(struct trial *trial, struct step_figures *figures, struct err *err)
{
	struct sandbox_limits limits;
	struct sandbox_result result;

	announce(trial);
	if (run_command(trial, &limits, &result, err) < 0) {
		return err_wrap(err, "test '%s'", wording_name(trial->action));
	}
	outcome_add_figures(&result, figures);
	if (outcome_is_cut_short(&result)) {
		return outcome_check(trial->action, &result, &limits, err);
	}
	if (result.outcome == SANDBOX_EXITED && result.exit_status == trial->step->exit_status &&
		has_match(trial)) {
		return 0;
	}
	return mismatch(trial, &result, err);
}

static int
run_all(struct trial *trial, struct step_figures *figures, struct err *err)
{
	for (size_t i = 0; i < trial->action->test.step_count; i++) {
		trial->step = &trial->action->test.steps[i];
		int result = run_trial(trial, figures, err);
		buf_done(&trial->printed);
		if (result < 0) {
			transcript_report(&trial->transcript, trial->action, figures, err);
			return -1;
		}
	}
	return transcript_check(&trial->transcript, err);
}

int
step_test(struct store *store, const struct action *action, const struct digest *key,
	const struct digest *input_ids, const struct step_options *options,
	struct step_figures *figures, struct err *err)
{
	const struct digest *bed = step_input(action, input_ids, "bed");
	struct trial trial = {
		.store = store,
		.action = action,
		.output_id = bed ? bed : step_input(action, input_ids, "tree"),
		.options = options,
	};

	if (transcript_open(&trial.transcript, store, key, options, err) < 0) {
		return -1;
	}
	int result = run_all(&trial, figures, err);
	transcript_done(&trial.transcript);
	return result;
}
