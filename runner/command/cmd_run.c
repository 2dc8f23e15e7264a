/* SPDX-License-Identifier: MIT */
/* brun run RECIPE[:NAME] [-- ARG…] */
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "command/building.h"
#include "command/cmd.h"
#include "command/request.h"
#include "store/store.h"
#include "store/store_lease.h"
#include "tree/tree.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The pack action behind an output, through the test of it; NULL where it is not packed. */
static const struct action *
find_pack(const struct request *request)
{
	const struct action *action = &request->plan.actions[request->output->index];

	while (action->kind == ACTION_TEST) {
		action = &request->plan.actions[action->inputs[0].index];
	}
	return action->kind == ACTION_PACK ? action : NULL;
}

/* Is the file bin/NAME, and NAME the package's: "curl" of "curl-8.8.0"? */
static bool
is_namesake(const char *program, const char *package)
{
	size_t length = strlen(program);

	return strncmp(program, package, length) == 0 &&
	       (package[length] == '\0' || package[length] == '-');
}

static bool
is_in_bin(const struct tree_entry *entry)
{
	return strncmp(entry->path, "bin/", 4) == 0 && !strchr(entry->path + 4, '/') &&
	       (entry->type == TREE_PROGRAM || entry->type == TREE_LINK);
}

/* The only program in bin/, or the one with the package's name; NULL where neither is. */
static const char *
guess_main(const struct tree *tree, const char *package)
{
	const char *only = NULL;
	size_t count = 0;

	for (size_t i = 0; i < tree->count; i++) {
		if (is_in_bin(&tree->entries[i])) {
			only = tree->entries[i].path + 4;
			count++;
			if (is_namesake(only, package)) {
				return only;
			}
		}
	}
	return count == 1 ? only : NULL;
}

/* The main program's name: what the recipe says, where there is such a program, or a guess. */
static const char *
choose_main(const struct request *request, const struct tree *tree, struct err *err)
{
	const struct action *pack = find_pack(request);
	const char *said = pack ? pack->pack.main : NULL;
	const char *name = said ? said : guess_main(tree, pack ? pack->name : "");

	for (size_t i = 0; name && i < tree->count; i++) {
		const struct tree_entry *entry = &tree->entries[i];
		if (strncmp(entry->path, "bin/", 4) == 0 && strcmp(entry->path + 4, name) == 0) {
			return name;
		}
	}
	if (said) {
		err_fail(err, STATUS_RECIPE, "'%s' has main = \"%s\", but its output has no bin/%s",
			request->recipe, said, said);
	} else {
		err_fail(err, STATUS_RECIPE, "'%s' does not say which program is its main one",
			request->recipe);
		err_hint(err, "set main = \"NAME\" in the recipe");
	}
	return NULL;
}

static void
list_programs(const struct tree *tree, struct err *err)
{
	enum { SHOWN = 12 };
	cleanup_buf struct buf text = {0};
	size_t count = 0;

	for (size_t i = 0; i < tree->count; i++) {
		if (is_in_bin(&tree->entries[i]) && count++ < SHOWN) {
			buf_printf(&text, " %s", tree->entries[i].path + 4);
		}
	}
	if (count == 0) {
		err_hint(err, "it has no program in bin/");
	} else {
		err_hint(err, "bin/ has:%s%s", buf_text(&text), count > SHOWN ? " …" : "");
	}
}

static int
find_main(struct store *store, const struct request *request, const struct digest *id,
	char **ret_path, struct err *err)
{
	cleanup_free char *top = store_tree_path(store, id);
	struct tree tree = {0};

	int found = store_get_tree(store, id, &tree, err);
	if (found <= 0) {
		return found < 0 ? -1
				 : err_fail(err, STATUS_STORE, "'%s' is gone: build again", top);
	}
	const char *name = choose_main(request, &tree, err);
	if (name) {
		*ret_path = mem_printf("%s/bin/%s", top, name);
	} else {
		list_programs(&tree, err);
	}
	tree_done(&tree);
	return name ? 0 : -1;
}

/* Everything up to the exec; the store and the plan are closed again after it. */
static int
prepare(struct building *building, const char *operand, char **ret_path, struct err *err)
{
	cleanup_request struct request request = REQUEST_NONE;
	cleanup_store struct store *store = NULL;
	struct digest id;

	if (request_open(operand, "default", &request, err) < 0 ||
		building_open_store(building, &store, err) < 0) {
		return -1;
	}
	int result = building_run(building, store, &request, &id, err);
	if (result == 0 && !building->is_dry) {
		store_hold_over_exec(store);
		result = find_main(store, &request, &id, ret_path, err);
	}
	building_settle(building, err);
	return result;
}

int
cmd_run(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	struct building building = {0};
	int count = 0;
	const struct option_row rows[] = {BUILDING_ROWS(building), {0}};

	const struct option_operands operands = {1, INT_MAX, "a recipe", true};

	int begun = options_begin(argc, argv, rows, &operands, ret_help, &count, err);
	if (begun != 0) {
		return begun < 0 ? -1 : 0;
	}
	cleanup_free char *path = NULL;
	if (prepare(&building, argv[1], &path, err) < 0) {
		return -1;
	}
	if (!path) {
		return 0; /* a dry run */
	}
	/* "run RECIPE -- ARG": the first operand ended the options, so "--" is still there. */
	int first = count > 1 && strcmp(argv[2], "--") == 0 ? 3 : 2;
	argv[count + 1] = NULL;
	argv[first - 1] = path;
	execv(path, argv + first - 1);
	return err_set(err, errno, "run '%s'", path);
}
