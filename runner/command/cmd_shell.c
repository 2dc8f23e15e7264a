/* SPDX-License-Identifier: MIT */
/* brun shell RECIPE[:NAME] [--failed] [-- CMD…] */
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "build/limit.h"
#include "build/shell.h"
#include "build/step_place.h"
#include "build/walk.h"
#include "command/building.h"
#include "command/cmd.h"
#include "command/interrupt.h"
#include "command/request.h"
#include "plan/wording.h"
#include "store/store.h"
#include "text/quote.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct shell_command {
	struct building building;
	bool is_failed;
	const char *const *argv;
};

/* A step, and all that it takes to enter it. */
struct entry {
	const struct action *action;
	struct digest *input_ids;
	char *kept; /* with --failed */
};

static void
entry_done(struct entry *entry)
{
	free(entry->input_ids);
	free(entry->kept);
}

#define cleanup_entry __attribute__((cleanup(entry_done)))

/* The step whose output this one is, or is a part of; NULL where no step made it. */
static const struct action *
find_step(const struct request *request)
{
	const struct action *action = &request->plan.actions[request->output->index];

	while (action->kind == ACTION_TEST || action->kind == ACTION_PACK ||
		action->kind == ACTION_FILTER) {
		size_t i = 0;
		while (strcmp(action->inputs[i].role, "tree") != 0) {
			i++;
		}
		action = &request->plan.actions[action->inputs[i].index];
	}
	return action->kind == ACTION_RUN ? action : NULL;
}

/* Builds the inputs of the step. */
static int
prepare(struct building *building, struct store *store, const struct request *request,
	struct entry *entry, struct err *err)
{
	const struct action *action = find_step(request);

	if (!action) {
		err_fail(err, STATUS_USAGE, "'%s' is not what a step makes: it has no sandbox",
			request->operand);
		return err_hint(err, "brun plan %s shows the steps; RECIPE:NAME means an output",
			request->recipe);
	}
	entry->action = action;
	entry->input_ids = mem_zalloc(action->input_count + 1, sizeof(*entry->input_ids));
	for (size_t i = 0; i < action->input_count; i++) {
		if (building_run_action(building, store, request, action->inputs[i].index,
			    &entry->input_ids[i], err) < 0) {
			return -1;
		}
	}
	return 0;
}

/* The last step on the way to the output whose directory was kept, and whose key it still has. */
static int
find_kept(const struct request *request, struct store *store, const struct walk *walk,
	struct entry *entry, struct err *err)
{
	size_t i = request->output->index + 1;

	while ((i = walk_step_before(walk, i)) != SIZE_MAX) {
		cleanup_free char *name = step_place_kept(&walk->nodes[i].key);
		cleanup_free char *path = mem_printf("%s/%s", store_path(store), name);
		if (access(path, F_OK) == 0) {
			entry->action = &request->plan.actions[i];
			entry->input_ids = walk_input_ids(walk, i);
			entry->kept = steal(path);
			return 0;
		}
	}
	err_fail(err, STATUS_USAGE, "no directory of a failed step of '%s', as it is now, was kept",
		request->operand);
	cleanup_buf struct buf operand = {0};
	quote_for_shell(request->operand, &operand);
	return err_hint(err, "brun build -K %s keeps it where a step fails", buf_text(&operand));
}

static int
prepare_failed(
	struct store *store, const struct request *request, struct entry *entry, struct err *err)
{
	struct walk walk;

	if (building_walk(store, request, &walk, err) < 0) {
		return -1;
	}
	int result = find_kept(request, store, &walk, entry, err);
	walk_done(&walk);
	return result;
}

static void
greet(const struct entry *entry)
{
	cleanup_buf struct buf text = {0};

	buf_printf(&text, "In the sandbox of step '%s'", wording_name(entry->action));
	if (*entry->action->where) {
		buf_printf(&text, " (%s)", entry->action->where);
	}
	buf_printf(&text, "%s: its script is /script (sh -e /script runs it); exit leaves.\n",
		entry->kept ? ", as it failed" : "");
	fputs(buf_text(&text), stderr);
}

static int
enter(const struct shell_command *command, struct store *store, const struct entry *entry,
	int *ret_status, struct err *err)
{
	bool is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	struct limits limits;

	if (building_limits(&command->building, &limits, err) < 0) {
		return -1;
	}
	int cancel_fd = interrupt_open(err);
	if (cancel_fd < 0) {
		return -1;
	}
	const struct shell_options options = {
		.kept = entry->kept,
		.argv = command->argv,
		.jobs = building_jobs(&command->building),
		.limits = &limits,
		.cancel_fd = cancel_fd,
		.is_terminal = is_terminal,
	};
	if (is_terminal && !command->building.is_quiet) {
		greet(entry);
	}
	int result = shell_run(store, entry->action, entry->input_ids, &options, ret_status, err);
	if (result < 0) {
		interrupt_explain(cancel_fd, err);
	}
	interrupt_close(cancel_fd);
	return result;
}

static int
open_and_enter(struct shell_command *command, const char *operand, int *ret_status, struct err *err)
{
	cleanup_request struct request request = REQUEST_NONE;
	cleanup_store struct store *store = NULL;
	cleanup_entry struct entry entry = {0};

	if (request_open(operand, "default", &request, err) < 0 ||
		building_open_store(&command->building, &store, err) < 0) {
		return -1;
	}
	int result = command->is_failed ? prepare_failed(store, &request, &entry, err)
					: prepare(&command->building, store, &request, &entry, err);
	building_settle(&command->building, err);
	if (result < 0 || command->building.is_dry) {
		return result;
	}
	return enter(command, store, &entry, ret_status, err);
}

int
cmd_shell(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	struct shell_command command = {0};
	int count = 0, status = 0;
	const struct option_row rows[] = {
		{0, "failed", OPTION_FLAG, &command.is_failed, NULL,
			"in the directory that -K kept of the step that failed"},
		BUILDING_ROWS(command.building),
		{0},
	};
	const struct option_operands operands = {1, INT_MAX, "a recipe", false};

	int begun = options_begin(argc, argv, rows, &operands, ret_help, &count, err);
	if (begun != 0) {
		return begun < 0 ? -1 : 0;
	}
	if (count == 1 && !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))) {
		err_fail(err, STATUS_USAGE, "stdin and stdout are no terminal for a shell");
		cleanup_buf struct buf operand = {0};
		quote_for_shell(argv[1], &operand);
		return err_hint(err, "give a command: brun shell %s -- CMD…", buf_text(&operand));
	}
	argv[count + 1] = NULL;
	command.argv = (const char *const *)argv + 2;
	if (open_and_enter(&command, argv[1], &status, err) < 0) {
		return -1;
	}
	fflush(stdout);
	exit(status); /* the command's own, without a word of ours */
}
