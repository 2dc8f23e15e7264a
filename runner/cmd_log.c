/* SPDX-License-Identifier: MIT */
/* brun log RECIPE[:NAME]|KEY */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "building.h"
#include "cmd.h"
#include "figures.h"
#include "printable.h"
#include "request.h"
#include "store.h"
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
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
find_by_prefix(struct store *store, const char *prefix, char **ret_path, struct err *err)
{
	cleanup_fd int dir = fs_open_dir(store_fd(store), "logs", err);
	cleanup_free char **names = NULL;
	size_t count = 0, matches = 0;

	if (dir < 0 || fs_list_dir(dir, &names, &count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		if (strncmp(names[i], prefix, strlen(prefix)) == 0 && matches++ == 0) {
			free(*ret_path);
			*ret_path = mem_printf("%s/logs/%s", store_path(store), names[i]);
		}
	}
	if (matches == 1) {
		return 0;
	}
	free(steal(*ret_path));
	return matches == 0
		       ? err_fail(err, STATUS_USAGE,
				 "there is no log of a key that starts with '%s'", prefix)
		       : err_fail(err, STATUS_USAGE, "%zu keys start with '%s': give more digits",
				 matches, prefix);
}

/* The step that a person means by a recipe: the last one that ran (or failed) on the way to it. */
static int
find_by_walk(struct store *store, const struct request *request, const struct walk *walk,
	char **ret_path, struct err *err)
{
	size_t i = request->output->index + 1;

	while ((i = walk_step_before(walk, i)) != SIZE_MAX) {
		cleanup_free char *path = store_log_path(store, &walk->nodes[i].key);
		if (access(path, R_OK) == 0) {
			*ret_path = steal(path);
			return 0;
		}
	}
	return err_fail(err, STATUS_USAGE, "no step of '%s' has a log here yet", request->recipe);
}

static int
find_by_recipe(struct store *store, const char *operand, char **ret_path, struct err *err)
{
	cleanup_request struct request request = REQUEST_NONE;
	struct walk walk;

	if (request_open(operand, "default", &request, err) < 0 ||
		building_walk(store, &request, &walk, err) < 0) {
		return -1;
	}
	int result = find_by_walk(store, &request, &walk, ret_path, err);
	walk_done(&walk);
	return result;
}

/* What stands over a log, apart from it: the step and what it took, once it has succeeded. */
static void
print_head(struct store *store, const char *path)
{
	const char *slash = strrchr(path, '/');
	cleanup_free char *hex = mem_strndup(slash + 1, strcspn(slash + 1, "."));
	cleanup_buf struct buf text = {0};
	struct digest key;
	struct record record;

	if (!digest_parse(hex, &key)) {
		return;
	}
	if (store_get_record(store, &key, &record, NULL) != 1) {
		fprintf(stderr, "step %.16s: it has not succeeded yet\n", hex);
		return;
	}
	const struct step_figures figures = {record.wall_ms, record.user_ms, record.system_ms,
		record.peak_memory, record.written_bytes};
	figures_add(&figures, &text);
	cleanup_free char *name = printable_name(record.name);
	fprintf(stderr, "step %.16s (%s): %s\n", hex, name, buf_text(&text));
	record_done(&record);
}

static int
print_file(const char *path, struct err *err)
{
	char chunk[64 * 1024];
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : 0;

	while (fd >= 0 && (got = read(fd, chunk, sizeof chunk)) > 0) {
		fwrite(chunk, 1, (size_t)got, stdout);
	}
	return got < 0 ? err_set(err, errno, "read '%s'", path) : 0;
}

int
cmd_log(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	struct building building = {0};
	cleanup_store struct store *store = NULL;
	int count = 0;
	const struct option_row rows[] = {
		{0, "store", OPTION_TEXT, &building.store, "DIR",
			"the store, instead of $BRUN_STORE"},
		{0},
	};
	const struct option_operands operands = {1, 1, "one recipe or key", false};

	int begun = options_begin(argc, argv, rows, &operands, ret_help, &count, err);
	if (begun != 0) {
		return begun < 0 ? -1 : 0;
	}
	cleanup_free char *path = NULL;
	if (building_open_store(&building, &store, err) < 0) {
		return -1;
	}
	int result = looks_like_key(argv[1]) && access(argv[1], F_OK) != 0
			     ? find_by_prefix(store, argv[1], &path, err)
			     : find_by_recipe(store, argv[1], &path, err);
	if (result < 0) {
		return -1;
	}
	print_head(store, path);
	return print_file(path, err);
}
