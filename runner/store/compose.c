/* SPDX-License-Identifier: MIT */
#include "store/compose.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "plan/plan.h"
#include "store/disk.h"
#include "store/lay.h"
#include "store/store.h"
#include "store/store_lease.h"
#include "store/store_tmp.h"
#include "text/quote.h"
#include "tree/beneath.h"
#include "tree/dpkg.h"
#include "tree/gather.h"
#include "tree/glob.h"
#include "tree/rootfs.h"
#include "tree/seal.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct composition {
	struct store *store;
	const struct plan *plan;
	const struct action *action;
	const struct digest *input_ids;
	struct tree *inputs; /* their manifests */
	struct gather gather;
};

/* What an input is called in a message: the action's name, which may be missing. */
static char *
input_name(const void *context, size_t source)
{
	const struct composition *composition = context;

	if (source == GATHER_OWN) {
		return mem_strdup("what composing adds");
	}
	const struct action_input *input = &composition->action->inputs[source];
	const struct action *action = &composition->plan->actions[input->index];
	if (action->name && *action->name) {
		return *action->where ? mem_printf("%s (%s)", action->name, action->where)
				      : mem_strdup(action->name);
	}
	return mem_printf("action %zu (%s)", input->index, action_kind_name(action->kind));
}

static int
load_inputs(struct composition *composition, struct err *err)
{
	size_t count = composition->action->input_count;

	composition->inputs = mem_zalloc(count, sizeof(*composition->inputs));
	for (size_t i = 0; i < count; i++) {
		int found = store_get_tree(composition->store, &composition->input_ids[i],
			&composition->inputs[i], err);
		if (found > 0) {
			continue;
		}
		cleanup_free char *name = input_name(composition, i);
		return found < 0 ? err_wrap(err, "reading the tree of %s", name)
				 : err_set(err, 0, "the tree of %s is not in the store '%s'", name,
					   store_path(composition->store));
	}
	return 0;
}

static void
gather_merge(struct composition *composition)
{
	for (size_t i = 0; i < composition->action->input_count; i++) {
		const struct tree *tree = &composition->inputs[i];
		for (size_t j = 0; j < tree->count; j++) {
			gather_add(&composition->gather, &tree->entries[j], NULL, i);
		}
	}
}

static void
gather_debian(struct composition *composition)
{
	const struct action *action = composition->action;
	size_t known = 0;

	for (size_t i = 0; i < action->input_count; i++) {
		const struct tree *tree = &composition->inputs[i];
		rootfs_add(&composition->gather, tree, i);
		if (action->debian.count && strcmp(action->inputs[i].role, "package") == 0) {
			dpkg_add_list(
				&composition->gather, &action->debian.packages[known++], tree);
		}
	}
	rootfs_finish(&composition->gather);
	if (action->debian.count) {
		dpkg_add_status(
			&composition->gather, action->debian.packages, action->debian.count);
	}
}

static void
gather_file(struct composition *composition)
{
	const struct action *action = composition->action;

	if (action->file.link) {
		const struct tree_entry link = {
			.type = TREE_LINK, .path = action->file.path, .target = action->file.link};
		gather_add(&composition->gather, &link, NULL, GATHER_OWN);
		return;
	}
	gather_add_file(&composition->gather, action->file.is_executable ? TREE_PROGRAM : TREE_FILE,
		action->file.path, action->file.text, action->file.text_length);
}

/* Which directories of the tree hold something, by index. */
static bool *
find_filled(const struct tree *tree)
{
	bool *is_filled = mem_zalloc(tree->count, sizeof(*is_filled));

	for (size_t i = 0; i < tree->count; i++) {
		const char *slash = strrchr(tree->entries[i].path, '/');
		if (slash) {
			cleanup_free char *parent = mem_strndup(
				tree->entries[i].path, (size_t)(slash - tree->entries[i].path));
			is_filled[tree_find(tree, parent) - tree->entries] = true;
		}
	}
	return is_filled;
}

/* A directory comes along with what it holds, or on its own if it was empty before. */
static void
gather_filter(struct composition *composition)
{
	const struct glob_rules rules = {.include = composition->action->filter.include,
		.exclude = composition->action->filter.exclude};
	const struct tree *tree = &composition->inputs[0];
	cleanup_free bool *is_filled = find_filled(tree);

	for (size_t i = 0; i < tree->count; i++) {
		if (!is_filled[i] && glob_selects(&rules, tree->entries[i].path)) {
			gather_add(&composition->gather, &tree->entries[i], NULL, 0);
		}
	}
}

/* Makes the directory "tree" in a new tmp. A descriptor; the tmp is the caller's to free. */
static int
begin(struct store *store, struct store_tmp *ret_tmp, struct err *err)
{
	if (store_tmp_new(store, ret_tmp, err) < 0) {
		return -1;
	}
	int fd = mkdirat(ret_tmp->fd, "tree", 0700) < 0 ? err_set(err, errno, "mkdir")
							: fs_open_dir(ret_tmp->fd, "tree", err);
	if (fd < 0) {
		store_tmp_free(store, ret_tmp);
		return disk_explain(store_fd(store), err);
	}
	return fd;
}

/* Commits a tree that is known beforehand; one that is there costs no file operation. */
static int
put_gathered(const struct composition *composition, const struct tree *tree, struct err *err)
{
	struct store *store = composition->store;
	struct store_tmp tmp;

	int found = store_hold_tree(store, &tree->id, err);
	if (found != 0) {
		return found < 0 ? -1 : 0;
	}
	cleanup_fd int fd = begin(store, &tmp, err);
	if (fd < 0) {
		return -1;
	}
	int result = lay_tree(store, &composition->gather, composition->input_ids,
			     composition->action->input_count, fd, err) < 0 ||
				     seal_dirs(fd, tree, err) < 0
			     ? disk_explain(store_fd(store), err)
			     : store_put_tree(store, &tmp, "tree", tree, err);
	store_tmp_free(store, &tmp);
	return result;
}

static int
finish_gathered(struct composition *composition, struct digest *ret_id, struct err *err)
{
	struct tree tree = {0};
	int result = gather_tree(&composition->gather, input_name, composition, &tree, err);

	if (result == 0) {
		result = put_gathered(composition, &tree, err);
	}
	if (result == 0) {
		*ret_id = tree.id;
	}
	tree_done(&tree);
	return result;
}

static int
compose_inputs(struct composition *composition, void (*gather)(struct composition *),
	struct digest *ret_id, struct err *err)
{
	int result = load_inputs(composition, err);

	if (result == 0) {
		gather(composition);
		result = finish_gathered(composition, ret_id, err);
	}
	gather_done(&composition->gather);
	for (size_t i = 0; i < composition->action->input_count; i++) {
		tree_done(&composition->inputs[i]);
	}
	free(composition->inputs);
	return result;
}

static int
check_patterns(const struct action *action, const struct tree *tree, struct err *err)
{
	for (const char *const *pattern = action->glob.patterns; *pattern; pattern++) {
		bool has_match = false;
		for (size_t i = 0; i < tree->count && !has_match; i++) {
			has_match = tree_glob(*pattern, tree->entries[i].path);
		}
		if (!has_match) {
			cleanup_free char *name = quote_path(*pattern);
			err_fail(err, STATUS_RECIPE, "the glob %s matches nothing in '%s'", name,
				action->glob.dir);
			return err_hint(err,
				"a directory is taken with 'DIR/**'; * stops at '/', and "
				"symbolic links are not followed");
		}
	}
	return 0;
}

static int
import_glob(struct store *store, int from, const struct tree_import *how, struct digest *ret_id,
	struct err *err)
{
	struct store_tmp tmp;
	struct tree tree = {0};
	cleanup_fd int fd = begin(store, &tmp, err);

	if (fd < 0) {
		return -1;
	}
	int result = tree_import(from, fd, how, &tree, err);
	if (result == 0) {
		result = store_put_tree(store, &tmp, "tree", &tree, err);
	}
	if (result == 0) {
		*ret_id = tree.id;
	}
	tree_done(&tree);
	store_tmp_free(store, &tmp);
	return result;
}

/* Mostly the files are as they were at the last run: reading comes first, copying if need be. */
static int
compose_glob(struct store *store, const struct action *action, int glob_fd, struct digest *ret_id,
	struct err *err)
{
	const struct tree_import how = {.include = action->glob.patterns, .is_borrowed = true};
	struct tree tree = {0};
	cleanup_fd int from = beneath_open(glob_fd, action->glob.dir, O_RDONLY | O_DIRECTORY);

	if (from < 0) {
		cleanup_free char *name = quote_path(action->glob.dir);
		return err_fail(err, STATUS_RECIPE, "glob: open directory %s beside the recipe: %s",
			name, strerrordesc_np(errno));
	}
	if (tree_read(from, &how, &tree, err) < 0) {
		return -1;
	}
	int result = check_patterns(action, &tree, err);
	struct digest id = tree.id;
	tree_done(&tree);
	int found = result < 0 ? -1 : store_hold_tree(store, &id, err);
	if (found == 0) {
		return import_glob(store, from, &how, ret_id, err);
	}
	if (found == 1) {
		*ret_id = id;
	}
	return found < 0 ? -1 : 0;
}

int
compose_tree(struct store *store, const struct plan *plan, const struct action *action,
	const struct digest *input_ids, int glob_fd, struct digest *ret_id, struct err *err)
{
	struct composition composition = {
		.store = store, .plan = plan, .action = action, .input_ids = input_ids};

	switch (action->kind) {
	case ACTION_MERGE:
		return compose_inputs(&composition, gather_merge, ret_id, err);
	case ACTION_DEBIAN:
		return compose_inputs(&composition, gather_debian, ret_id, err);
	case ACTION_FILTER:
		return compose_inputs(&composition, gather_filter, ret_id, err);
	case ACTION_FILE:
		return compose_inputs(&composition, gather_file, ret_id, err);
	case ACTION_GLOB:
		return compose_glob(store, action, glob_fd, ret_id, err);
	default:
		return err_set(
			err, 0, "%s is not made from trees alone", action_kind_name(action->kind));
	}
}
