/* SPDX-License-Identifier: MIT */
#include "build/perform.h"

#include "archive/archive.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "build/build.h"
#include "build/step.h"
#include "build/step_input.h"
#include "fetch/fetch.h"
#include "launcher/pack.h"
#include "plan/plan.h"
#include "plan/wording.h"
#include "store/compose.h"
#include "store/disk.h"
#include "store/store.h"
#include "store/store_log.h"
#include "store/store_tmp.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void
report_fetch(void *context, const struct fetch_progress *at)
{
	const struct perform *what = context;

	what->fetched(what->context, at->done, at->total);
}

static int
perform_fetch(const struct perform *what, struct err *err)
{
	struct store_tmp tmp;
	const struct digest *sha256 = &what->action->fetch.sha256;

	if (store_tmp_new(what->store, &tmp, err) < 0) {
		return -1;
	}
	int result = fetcher_get(what->fetcher, what->action->fetch.urls, sha256, tmp.fd, "blob",
		what->options->cancel_fd, report_fetch, (void *)what, err);
	if (result == 0) {
		result = store_put_blob(what->store, &tmp, "blob", sha256, err);
	}
	store_tmp_free(what->store, &tmp);
	return result;
}

/* Commits what we ourselves, or a confined helper, put into the directory `from` of tmp. */
static int
commit(const struct perform *what, struct store_tmp *tmp, int from_fd, struct digest *ret_id,
	struct err *err)
{
	static const struct tree_import how = {.move = true};
	struct tree tree = {0};
	cleanup_fd int to = store_tmp_dir(tmp, "tree", err);

	if (to < 0 || tree_import(from_fd, to, &how, &tree, err) < 0) {
		return -1;
	}
	int result = store_put_tree(what->store, tmp, "tree", &tree, err);
	*ret_id = tree.id;
	tree_done(&tree);
	return result;
}

/* Is it the archive that is wrong, or what the store has of it? */
static int
explain_blob(int blob, const struct digest *sha256, struct err *err)
{
	struct digest found;

	if (err->status != STATUS_SOURCE || lseek(blob, 0, SEEK_SET) < 0 ||
		sha256_fd(blob, &found, NULL) < 0 || digest_equal(&found, sha256)) {
		return -1;
	}
	err_fail(err, STATUS_STORE, "its SHA-256 is not what it was when it was fetched");
	return disk_explain_damage(blob, err);
}

static int
unpack_into(
	const struct perform *what, struct store_tmp *tmp, struct digest *ret_id, struct err *err)
{
	const struct action *action = what->action;
	cleanup_free char *helper = mem_printf("%s/unpack-helper", what->options->helper_dir);
	cleanup_free char *path = store_blob_path(what->store, &what->input_ids[0]);
	cleanup_fd int blob = open(path, O_RDONLY | O_CLOEXEC);
	struct tree tree = {0};

	if (blob < 0) {
		return err_set(err, errno, "open '%s'", path);
	}
	cleanup_fd int to = store_tmp_dir(tmp, "tree", err);
	if (to < 0) {
		return -1;
	}
	if (archive_unpack(helper, blob, to, action->unpack.strip, action->unpack.single, NULL,
		    what->options->cancel_fd, &tree, err) < 0) {
		return explain_blob(blob, &what->input_ids[0], err);
	}
	int result = store_put_tree(what->store, tmp, "tree", &tree, err);
	*ret_id = tree.id;
	tree_done(&tree);
	return result;
}

static int
perform_unpack(const struct perform *what, struct digest *ret_id, struct err *err)
{
	struct store_tmp tmp;

	if (store_tmp_new(what->store, &tmp, err) < 0) {
		return -1;
	}
	int result = unpack_into(what, &tmp, ret_id, err);
	store_tmp_free(what->store, &tmp);
	return result;
}

/* The trees that a pack action reads, opened; items and sources lie in the arena. */
struct pack_inputs {
	struct arena arena;
	struct pack_source *package, *runtime, *sources;
	size_t package_count, runtime_count, source_count;
};

static int
open_sources(const struct perform *what, struct arena *arena, const char *role, const char *prefix,
	struct pack_source *sources, size_t *count, struct err *err)
{
	const struct action *action = what->action;

	for (size_t i = 0; i < action->input_count; i++) {
		if (strcmp(action->inputs[i].role, role) != 0) {
			continue;
		}
		const struct action *maker = &what->plan->actions[action->inputs[i].index];
		cleanup_free char *path = store_tree_path(what->store, &what->input_ids[i]);
		int fd = fs_open_dir(AT_FDCWD, path, err);
		if (fd < 0) {
			return -1;
		}
		sources[(*count)++] = (struct pack_source){
			.fd = fd,
			.prefix = prefix,
			.label = arena_strdup(arena, wording_name(maker)),
		};
	}
	return 0;
}

static int
open_inputs(const struct perform *what, struct pack_inputs *inputs, struct err *err)
{
	struct arena *arena = &inputs->arena;
	size_t most = what->action->input_count;

	inputs->package = arena_alloc(arena, most, sizeof(*inputs->package));
	inputs->runtime = arena_alloc(arena, most, sizeof(*inputs->runtime));
	inputs->sources = arena_alloc(arena, most, sizeof(*inputs->sources));
	if (open_sources(what, arena, "tree", "/brun", inputs->package, &inputs->package_count,
		    err) < 0 ||
		open_sources(what, arena, "runtime", "/brun", inputs->runtime,
			&inputs->runtime_count, err) < 0 ||
		open_sources(what, arena, "prefix", "/brun", inputs->sources, &inputs->source_count,
			err) < 0) {
		return -1;
	}
	return open_sources(what, arena, "base", "/", inputs->sources, &inputs->source_count, err);
}

static void
close_sources(struct pack_source *sources, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		close(sources[i].fd);
	}
}

static void
close_inputs(struct pack_inputs *inputs)
{
	close_sources(inputs->package, inputs->package_count);
	close_sources(inputs->runtime, inputs->runtime_count);
	close_sources(inputs->sources, inputs->source_count);
	arena_done(&inputs->arena);
}

/* The packer's warnings are the log of a pack action. */
static int
log_warnings(const struct perform *what, const char *warnings, struct err *err)
{
	cleanup_fd int log = -1;
	size_t length = warnings ? strlen(warnings) : 0;

	if (!length) {
		return 0;
	}
	what->output(what->context, warnings, length);
	if (store_create_log(what->store, what->key, &log, err) < 0) {
		return -1;
	}
	return fs_write_all(log, warnings, length, err);
}

static int
pack_into(const struct perform *what, const struct pack_inputs *inputs, struct store_tmp *tmp,
	struct digest *ret_id, struct err *err)
{
	struct pack_report report = {0};
	const struct pack_spec spec = {
		.package = inputs->package[0],
		.runtime = inputs->runtime,
		.runtime_count = inputs->runtime_count,
		.sources = inputs->sources,
		.source_count = inputs->source_count,
		.env = what->action->pack.env,
		.env_count = what->action->pack.env_count,
		.libs = what->action->pack.libs,
	};
	cleanup_fd int to = store_tmp_dir(tmp, "packed", err);

	if (to < 0 || pack_tree(&spec, to, &report, err) < 0) {
		return -1;
	}
	int result = log_warnings(what, report.warnings, err);
	what->packed(what->context, &report);
	pack_report_done(&report);
	return result < 0 ? -1 : commit(what, tmp, to, ret_id, err);
}

static int
perform_pack(const struct perform *what, struct digest *ret_id, struct err *err)
{
	struct store_tmp tmp;
	struct pack_inputs inputs = {0};

	if (store_tmp_new(what->store, &tmp, err) < 0) {
		return -1;
	}
	int result = open_inputs(what, &inputs, err);
	if (result == 0) {
		result = pack_into(what, &inputs, &tmp, ret_id, err);
	}
	close_inputs(&inputs);
	store_tmp_free(what->store, &tmp);
	return result;
}

static struct step_options
step_options(const struct perform *what)
{
	return (struct step_options){
		.number = (size_t)(what->action - what->plan->actions) + 1,
		.count = what->plan->action_count,
		.jobs = what->options->jobs,
		.limits = what->options->limits,
		.recipe = what->options->recipe,
		.is_kept = what->options->keep_failed,
		.cancel_fd = what->options->cancel_fd,
		.output = what->output,
		.context = what->context,
	};
}

static int
perform_run(const struct perform *what, struct digest *ret_id, struct step_figures *figures,
	struct err *err)
{
	struct step_options options = step_options(what);

	if (what->action->run.network && what->options->is_offline) {
		err_fail(err, STATUS_SOURCE, "step '%s' needs the network",
			wording_name(what->action));
		return err_hint(err, "run it once without --offline");
	}
	return step_run(what->store, what->action, what->key, what->input_ids, &options, ret_id,
		figures, err);
}

static int
perform_test(const struct perform *what, struct digest *ret_id, struct step_figures *figures,
	struct err *err)
{
	struct step_options options = step_options(what);

	*ret_id = *step_input(what->action, what->input_ids, "tree");
	return step_test(
		what->store, what->action, what->key, what->input_ids, &options, figures, err);
}

/* Says which action it was; a step's own report does so already, and what befell brun as a whole
 * is no action's fault. */
static int
explain(const struct action *action, struct err *err)
{
	bool is_step = action->kind == ACTION_RUN || action->kind == ACTION_TEST;

	if ((is_step && err->status != STATUS_STORE) || err->status == STATUS_INTERRUPTED) {
		return -1;
	}
	err_wrap(err, "%s %s", wording_doing(action), wording_name(action));
	return *action->where ? err_hint(err, "  defined at %s", action->where) : -1;
}

static int
dispatch(const struct perform *what, struct digest *ret_id, struct step_figures *figures,
	struct err *err)
{
	switch (what->action->kind) {
	case ACTION_FETCH:
		*ret_id = what->action->fetch.sha256;
		return perform_fetch(what, err);
	case ACTION_UNPACK:
		return perform_unpack(what, ret_id, err);
	case ACTION_RUN:
		return perform_run(what, ret_id, figures, err);
	case ACTION_TEST:
		return perform_test(what, ret_id, figures, err);
	case ACTION_PACK:
		return perform_pack(what, ret_id, err);
	default:
		return compose_tree(
			what->store, what->plan, what->action, what->input_ids, -1, ret_id, err);
	}
}

int
perform_action(const struct perform *what, struct digest *ret_id, struct step_figures *figures,
	struct err *err)
{
	struct digest id;

	if (dispatch(what, &id, figures, err) < 0) {
		return explain(what->action, err);
	}
	*ret_id = id;
	return 0;
}
