/* SPDX-License-Identifier: MIT */
/* brun log RECIPE[:NAME]|KEY */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "build/figures.h"
#include "build/walk.h"
#include "command/building.h"
#include "command/cmd.h"
#include "command/request.h"
#include "progress/follow.h"
#include "store/record.h"
#include "store/store.h"
#include "store/store_lock.h"
#include "store/store_log.h"
#include "text/printable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEY_PREFIX_MIN = 6, KEY_DIGITS = DIGEST_HEX - 1 };

static bool
looks_like_key(const char *text)
{
	size_t length = strlen(text);

	return length >= KEY_PREFIX_MIN && length <= KEY_DIGITS &&
	       strspn(text, "0123456789abcdef") == length;
}

/* The one log whose key starts so. */
static int
find_by_prefix(struct store *store, const char *prefix, struct digest *ret_key, struct err *err)
{
	cleanup_fd int dir = fs_open_dir(store_fd(store), "logs", err);
	cleanup_free char **names = NULL;
	size_t count = 0, matches = 0;

	if (dir < 0 || fs_list_dir(dir, &names, &count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < count && matches < 2; i++) {
		cleanup_free char *hex = mem_strndup(names[i], KEY_DIGITS);
		if (strncmp(names[i], prefix, strlen(prefix)) == 0) {
			matches += digest_parse(hex, ret_key);
		}
	}
	if (matches == 1) {
		return 0;
	}
	if (matches > 1) {
		err_fail(err, STATUS_USAGE, "several keys start with '%s'", prefix);
		return err_hint(err, "give more of its digits");
	}
	err_fail(err, STATUS_USAGE, "there is no log of a key that starts with '%s'", prefix);
	return err_hint(err, "brun plan RECIPE shows the keys of a recipe's actions");
}

/* The step that a person means by a recipe: the last one that ran (or failed) on the way to it. */
static int
find_by_walk(struct store *store, const struct request *request, const struct walk *walk,
	struct digest *ret_key, struct err *err)
{
	size_t i = request->output->index + 1;

	while ((i = walk_step_before(walk, i)) != SIZE_MAX) {
		cleanup_free char *path = store_log_path(store, &walk->nodes[i].key);
		if (access(path, R_OK) == 0) {
			*ret_key = walk->nodes[i].key;
			return 0;
		}
	}
	err_fail(err, STATUS_USAGE, "no step of '%s' has a log here yet", request->recipe);
	return err_hint(err, "a step has one once it was begun: brun build %s", request->operand);
}

static int
find_by_recipe(struct store *store, const char *operand, struct digest *ret_key, struct err *err)
{
	cleanup_request struct request request = REQUEST_NONE;
	struct walk walk;

	if (request_open(operand, "default", &request, err) < 0 ||
		building_walk(store, &request, &walk, err) < 0) {
		return -1;
	}
	int result = find_by_walk(store, &request, &walk, ret_key, err);
	walk_done(&walk);
	return result;
}

/* What stands over a log, apart from it: the step and what it took, once it has succeeded. */
static void
print_head(struct store *store, const struct digest *key)
{
	cleanup_buf struct buf text = {0};
	char hex[DIGEST_HEX];
	struct record record;

	digest_hex(key, hex);
	if (store_get_record(store, key, &record, NULL) != 1) {
		fprintf(stderr, "step %.16s: it %s\n", hex,
			store_is_locked(store, key) ? "is running" : "has not succeeded yet");
		return;
	}
	const struct step_figures figures = {record.wall_ms, record.user_ms, record.system_ms,
		record.peak_memory, record.written_bytes};
	figures_add(&figures, &text);
	cleanup_free char *name = printable_name(record.name);
	fprintf(stderr, "step %.16s (%s): %s\n", hex, name, buf_text(&text));
	record_done(&record);
}

int
cmd_log(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	struct building building = {0};
	cleanup_store struct store *store = NULL;
	int count = 0;
	const struct option_row rows[] = {
		OPTION_STORE(&building.store),
		{0},
	};
	const struct option_operands operands = {1, 1, "one recipe or key", false};

	int begun = options_begin(argc, argv, rows, &operands, ret_help, &count, err);
	if (begun != 0) {
		return begun < 0 ? -1 : 0;
	}
	struct digest key;
	if (building_open_store(&building, &store, err) < 0) {
		return -1;
	}
	int result = looks_like_key(argv[1]) && access(argv[1], F_OK) != 0
			     ? find_by_prefix(store, argv[1], &key, err)
			     : find_by_recipe(store, argv[1], &key, err);
	if (result < 0) {
		return -1;
	}
	print_head(store, &key);
	return follow_log(store, &key, stdout, err);
}
