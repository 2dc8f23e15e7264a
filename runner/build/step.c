/* SPDX-License-Identifier: MIT */
#include "build/step.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "build/outcome.h"
#include "build/step_place.h"
#include "build/stray.h"
#include "build/transcript.h"
#include "build/world.h"
#include "plan/plan.h"
#include "plan/wording.h"
#include "sandbox/sandbox.h"
#include "store/store.h"
#include "store/store_tmp.h"
#include "text/quote.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* One run of one step. */
struct step {
	struct store *store;
	const struct action *action;
	const struct digest *key, *input_ids;
	const struct step_options *options;
	struct store_tmp tmp;
	int dest_fd;	     /* opened before the step could touch its name */
	uint64_t disk_bytes; /* its limit */
	struct transcript transcript;
	struct step_figures *figures;
};

static int
make_places(struct step *step, struct err *err)
{
	int dir = step->tmp.fd;

	if (step_place_make(step->store, step->action, step->input_ids, dir, "step", err) < 0) {
		return -1;
	}
	step->dest_fd = fs_open_dir(dir, "step/dest", err);
	return step->dest_fd < 0 ? -1 : 0;
}

static int
run_script(struct step *step, const struct world *world, struct err *err)
{
	struct sandbox_result result;
	struct sandbox_spec spec;

	world_spec(world, step->action, step->options->limits, &spec);
	spec.cancel_fd = step->options->cancel_fd;
	spec.output = transcript_add;
	spec.context = &step->transcript;
	step->disk_bytes = spec.limits.disk_bytes;
	if (sandbox_run(&spec, &result, err) < 0) {
		return -1;
	}
	outcome_add_figures(&result, step->figures);
	return outcome_check(step->action, &result, &spec.limits, err);
}

static int
run_in_world(struct step *step, struct err *err)
{
	struct world world;
	cleanup_free char *place = mem_printf("%s/step", step->tmp.path);

	if (world_of_run(step->store, step->action, step->input_ids, place, step->options->jobs,
		    &world, err) < 0) {
		return -1;
	}
	int result = run_script(step, &world, err);
	world_done(&world);
	return result < 0 ? -1 : transcript_check(&step->transcript, err);
}

static int
check_declared(const struct action *action, const struct digest *id, struct err *err)
{
	const struct digest *declared = action->run.output;
	char expected[DIGEST_HEX], got[DIGEST_HEX];

	if (!declared || digest_equal(declared, id)) {
		return 0;
	}
	err_fail(err, STATUS_HASH, "step '%s' made another output than it declares",
		wording_name(action));
	err_hint(err, "  expected %s", digest_hex(declared, expected));
	return err_hint(err, "  got      %s", digest_hex(id, got));
}

static int
explain_output(const struct action *action, struct err *err)
{
	if (err->status == STATUS_INTERRUPTED) {
		return -1;
	}
	/* what can't be in a tree is the step's doing, whatever the recipe says */
	err->status = err->status == STATUS_RECIPE ? STATUS_STEP : err->status;
	err_wrap(err, "the output of step '%s'", wording_name(action));
	return err->status == STATUS_LIMIT ? outcome_advise(action, "disk=BYTES", err) : -1;
}

/* Every file is copied: what a step left behind never becomes a file of the store itself. A copy of
 * what took no room, a hole or one more name of a file, takes some. */
static int
collect(struct step *step, struct digest *ret_id, struct err *err)
{
	const struct tree_import all = {
		.bytes_most = step->disk_bytes, .cancel_fd = &step->options->cancel_fd};
	struct tree tree = {0};
	cleanup_fd int from = -1;

	if (stray_open_output(step->dest_fd, step->action, &from, err) < 0 ||
		fs_mkdirs_at(step->tmp.fd, "tree", 0755, err) < 0) {
		return -1;
	}
	cleanup_fd int to = fs_open_dir(step->tmp.fd, "tree", err);
	if (to < 0) {
		return -1;
	}
	if (tree_import(from, to, &all, &tree, err) < 0) {
		return explain_output(step->action, err);
	}
	int result = check_declared(step->action, &tree.id, err);
	if (result == 0) {
		result = store_put_tree(step->store, &step->tmp, "tree", &tree, err);
	}
	*ret_id = tree.id;
	tree_done(&tree);
	return result;
}

static int
keep(const struct step *step, struct err *err)
{
	struct err problem = {0};
	cleanup_free char *name = step_place_kept(step->key);
	int store = store_fd(step->store);

	if (fs_mkdirs_at(store, "failed", 0700, &problem) < 0 ||
		fs_remove_at(store, name, &problem) < 0) {
		return err_hint(err, "  its directory could not be kept: %s", problem.text);
	}
	fchmodat(step->tmp.fd, "step", 0700, 0);
	if (renameat(step->tmp.fd, "step", store, name) < 0) {
		err_set(&problem, errno, "rename to '%s'", name);
		return err_hint(err, "  its directory could not be kept: %s", problem.text);
	}
	return err_hint(err, "  its directory is kept: %s/%s", store_path(step->store), name);
}

/* The commands that go on from a failure, ready to be pasted. */
static int
advise(const struct step *step, struct err *err)
{
	cleanup_buf struct buf recipe = {0};

	if (!step->options->recipe) {
		return -1;
	}
	quote_for_shell(step->options->recipe, &recipe);
	return step->options->is_kept
		       ? err_hint(err, "  to go on in there: brun shell --failed %s",
				 buf_text(&recipe))
		       : err_hint(err,
				 "  to go on where it failed: brun build -K %s; brun shell --failed %s",
				 buf_text(&recipe), buf_text(&recipe));
}

static int
run_and_collect(struct step *step, struct digest *ret_id, struct err *err)
{
	if (make_places(step, err) < 0) {
		return -1;
	}
	if (run_in_world(step, err) == 0 && collect(step, ret_id, err) == 0) {
		return 0;
	}
	if (!transcript_report(&step->transcript, step->action, step->figures, err)) {
		return -1;
	}
	if (step->options->is_kept) {
		keep(step, err);
	}
	return advise(step, err);
}

int
step_run(struct store *store, const struct action *action, const struct digest *key,
	const struct digest *input_ids, const struct step_options *options, struct digest *ret_id,
	struct step_figures *figures, struct err *err)
{
	struct digest id;
	struct step step = {
		.store = store,
		.action = action,
		.key = key,
		.input_ids = input_ids,
		.options = options,
		.dest_fd = -1,
		.figures = figures,
	};

	if (transcript_open(&step.transcript, store, key, options, err) < 0) {
		return -1;
	}
	int result = store_tmp_new(store, &step.tmp, err);
	if (result == 0) {
		result = run_and_collect(&step, &id, err);
		fs_close_slot(&step.dest_fd);
		store_tmp_free(store, &step.tmp);
	}
	transcript_done(&step.transcript);
	if (result == 0) {
		*ret_id = id;
	}
	return result;
}
