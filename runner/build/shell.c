/* SPDX-License-Identifier: MIT */
#include "build/shell.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "build/outcome.h"
#include "build/step_input.h"
#include "build/step_place.h"
#include "build/terminal.h"
#include "build/world.h"
#include "sandbox/sandbox.h"
#include "store/store.h"
#include "store/store_tmp.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The base's best shell; or the command, by way of a shell that looks it up. */
static const char *const *
choose_program(struct store *store, const struct digest *base, const char *const *argv,
	struct arena *arena)
{
	static const char *const prelude[] = {"/bin/sh", "-c", "exec \"$@\"", "sh"};
	enum { PRELUDE = sizeof(prelude) / sizeof(*prelude) };
	size_t count = 0;

	while (argv[count]) {
		count++;
	}
	const char **words = arena_alloc(arena, PRELUDE + count + 1, sizeof(*words));
	if (count) {
		memcpy(words, prelude, sizeof(prelude));
		memcpy(words + PRELUDE, argv, count * sizeof(*argv));
		return words;
	}
	cleanup_free char *tree = store_tree_path(store, base);
	cleanup_free char *bash = mem_printf("%s/usr/bin/bash", tree);
	words[0] = access(bash, X_OK) == 0 ? "/usr/bin/bash" : "/bin/sh";
	return words;
}

static void
print(void *context, const char *data, size_t length)
{
	(void)context;
	(void)fs_write_all(STDOUT_FILENO, data, length, NULL);
}

/* A person who thinks is not a step that hangs. */
static void
lift_times(struct sandbox_limits *limits)
{
	limits->wall_seconds = UINT64_MAX;
	limits->silence_seconds = UINT64_MAX;
}

static int
run_on_terminal(struct sandbox_spec *spec, struct sandbox_result *ret_result, struct err *err)
{
	struct terminal *terminal;

	if (terminal_open(&terminal, err) < 0) {
		return -1;
	}
	lift_times(&spec->limits);
	spec->terminal_fd = terminal_fd(terminal);
	int result = sandbox_run(spec, ret_result, err);
	terminal_close(terminal);
	return result;
}

static int
run(struct sandbox_spec *spec, const struct action *action, bool is_terminal, int *ret_status,
	struct err *err)
{
	struct sandbox_result result;
	int started =
		is_terminal ? run_on_terminal(spec, &result, err) : sandbox_run(spec, &result, err);

	if (started < 0) {
		return -1;
	}
	if (outcome_is_cut_short(&result)) {
		return outcome_check(action, &result, &spec->limits, err);
	}
	*ret_status =
		result.outcome == SANDBOX_SIGNALLED ? 128 + result.signal : result.exit_status;
	return 0;
}

static int
run_in_place(struct store *store, const struct action *action, const struct digest *input_ids,
	const struct shell_options *options, const char *place, int *ret_status, struct err *err)
{
	struct world world;
	struct sandbox_spec spec;
	const char *term = getenv("TERM");

	if (world_of_run(store, action, input_ids, place, options->jobs, &world, err) < 0) {
		return -1;
	}
	if (options->is_terminal && term) {
		world_set_env(&world, "TERM", term);
	}
	world_spec(&world, action, options->limits, &spec);
	spec.argv = choose_program(
		store, step_input(action, input_ids, "base"), options->argv, &world.arena);
	spec.cancel_fd = options->cancel_fd;
	spec.output = print;
	int result = run(&spec, action, options->is_terminal, ret_status, err);
	world_done(&world);
	return result;
}

static int
run_afresh(struct store *store, const struct action *action, const struct digest *input_ids,
	const struct shell_options *options, int *ret_status, struct err *err)
{
	struct store_tmp tmp;

	if (store_tmp_new(store, &tmp, err) < 0) {
		return -1;
	}
	cleanup_free char *place = mem_printf("%s/step", tmp.path);
	int result = step_place_make(store, action, input_ids, tmp.fd, "step", err);
	if (result == 0) {
		result = run_in_place(store, action, input_ids, options, place, ret_status, err);
	}
	store_tmp_free(store, &tmp);
	return result;
}

int
shell_run(struct store *store, const struct action *action, const struct digest *input_ids,
	const struct shell_options *options, int *ret_status, struct err *err)
{
	return options->kept ? run_in_place(store, action, input_ids, options, options->kept,
				       ret_status, err)
			     : run_afresh(store, action, input_ids, options, ret_status, err);
}
