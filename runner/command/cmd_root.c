/* SPDX-License-Identifier: MIT */
/* brun root add NAME WHAT | remove NAME | list */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "build/walk.h"
#include "command/building.h"
#include "command/cmd.h"
#include "command/request.h"
#include "store/stamp.h"
#include "store/store.h"
#include "store/store_lease.h"
#include "store/store_roots.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
find_by_recipe(struct store *store, const char *operand, struct digest *ret_id, struct err *err)
{
	cleanup_request struct request request = REQUEST_NONE;
	struct walk walk;

	if (request_open(operand, "default", &request, err) < 0 ||
		building_walk(store, &request, &walk, err) < 0) {
		return -1;
	}
	const struct walk_node *node = &walk.nodes[request.output->index];
	bool is_built = node->is_there;
	*ret_id = node->id;
	walk_done(&walk);
	if (is_built) {
		return 0;
	}
	err_fail(err, STATUS_USAGE, "'%s' is not built", operand);
	return err_hint(err, "build it first: brun build %s", operand);
}

/* A tree's id, an output directory, or a recipe. */
static int
find_tree(struct store *store, const char *operand, struct digest *ret_id, struct err *err)
{
	char hex[DIGEST_HEX];
	cleanup_fd int dir = open(operand, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_id = digest_parse(operand, ret_id) || (dir >= 0 && stamp_read(dir, ret_id));

	if (!is_id && find_by_recipe(store, operand, ret_id, err) < 0) {
		return -1;
	}
	int found = store_hold_tree(store, ret_id, err);
	if (found == 0) {
		err_fail(err, STATUS_USAGE, "the tree %s is not in the store '%s'",
			digest_hex(ret_id, hex), store_path(store));
		return err_hint(err, "build its recipe here, or name another store with --store");
	}
	return found < 0 ? -1 : 0;
}

static int
add(struct store *store, char **operands, struct err *err)
{
	struct digest id;

	return find_tree(store, operands[1], &id, err) < 0
		       ? -1
		       : store_root_add(store, operands[0], &id, err);
}

static int
remove_root(struct store *store, char **operands, struct err *err)
{
	char resolved[PATH_MAX];
	const char *name = operands[0];

	/* An output may be gone already: then its path is what was listed. */
	if (strchr(name, '/') && realpath(name, resolved)) {
		name = resolved;
	}
	int removed = store_root_remove(store, name, err);
	if (removed == 0) {
		err_fail(err, STATUS_USAGE, "there is no root '%s'", operands[0]);
		return err_hint(err, "brun root list shows them");
	}
	return removed < 0 ? -1 : 0;
}

static int
list(struct store *store, char **operands, struct err *err)
{
	struct store_root *roots = NULL;
	size_t count = 0;

	(void)operands;
	if (store_roots_read(store, &roots, &count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		const char *name = roots[i].name ? roots[i].name : roots[i].output;
		char hex[DIGEST_HEX] = "-";
		if (roots[i].is_alive) {
			digest_hex(&roots[i].id, hex);
		}
		bool is_there = roots[i].is_alive && store_has_tree(store, &roots[i].id);
		printf("%-16.16s %-7s %s\n", hex,
			is_there	    ? "there"
			: roots[i].is_alive ? "missing"
					    : "gone",
			name);
	}
	store_roots_done(roots, count);
	return 0;
}

static const struct verb {
	const char *name;
	int operands;
	int (*run)(struct store *store, char **operands, struct err *err);
	const char *usage;
} verbs[] = {
	{"add", 2, add, "brun root add NAME RECIPE[:NAME]|DIR|TREE"},
	{"remove", 1, remove_root, "brun root remove NAME|DIR"},
	{"list", 0, list, "brun root list"},
};

static int
dispatch(struct store *store, char **operands, int count, struct err *err)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strcmp(operands[0], verbs[i].name) != 0) {
			continue;
		}
		if (count - 1 != verbs[i].operands) {
			return err_fail(err, STATUS_USAGE, "usage: %s", verbs[i].usage);
		}
		return verbs[i].run(store, operands + 1, err);
	}
	err_fail(err, STATUS_USAGE, "root can't '%s'", operands[0]);
	return err_hint(err, "it can add NAME RECIPE[:NAME]|DIR|TREE, remove NAME|DIR, and list");
}

int
cmd_root(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	struct building building = {0};
	cleanup_store struct store *store = NULL;
	int count = 0;
	const struct option_row rows[] = {
		OPTION_STORE(&building.store),
		{0},
	};
	const struct option_operands operands = {1, 3, "add, remove or list", false};

	int begun = options_begin(argc, argv, rows, &operands, ret_help, &count, err);
	if (begun != 0) {
		return begun < 0 ? -1 : 0;
	}
	if (building_open_store(&building, &store, err) < 0) {
		return -1;
	}
	return dispatch(store, argv + 1, count, err);
}
