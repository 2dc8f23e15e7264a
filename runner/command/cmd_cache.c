/* SPDX-License-Identifier: MIT */
/* brun cache key | push RECIPE[:NAME]… | pull RECIPE[:NAME]… */
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "build/chain.h"
#include "build/walk.h"
#include "cache/cache_key.h"
#include "cache/caches.h"
#include "command/building.h"
#include "command/cmd.h"
#include "command/interrupt.h"
#include "command/request.h"
#include "store/store.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Makes a key where there is none; prints the public one either way. */
static int
run_key(struct err *err)
{
	struct sign_secret secret;
	struct sign_public public;
	char text[CACHE_KEY_TEXT];

	int result = cache_key_make(&secret, err);
	if (result == 0) {
		result = sign_public_of(&secret, &public, err);
	}
	explicit_bzero(&secret, sizeof(secret));
	if (result == 0) {
		puts(cache_key_print(&public, text));
	}
	return result;
}

/* Sending begins at once: from then on signals are for building_settle, which ends it. */
static int
run_push(struct building *building, struct store *store, const char *operand, int *cancel_fd,
	struct err *err)
{
	cleanup_request struct request request = REQUEST_NONE;
	struct walk walk;

	building->pushes = building->is_push_only = true;
	if (request_open(operand, "default", &request, err) < 0 ||
		building_open_caches(building, store, &request, err) < 0) {
		return -1;
	}
	if (!building->pusher) {
		err_fail(err, STATUS_USAGE, "there is no cache to send to");
		return err_hint(err, "name one with --cache URL, or in the configuration: "
				     "\"caches\": [{\"url\": \"URL\", \"push\": true}]");
	}
	if (building_walk(store, &request, &walk, err) < 0) {
		return -1;
	}
	bool is_there = walk.nodes[walk.wanted].is_there;
	if (is_there && *cancel_fd < 0) {
		*cancel_fd = interrupt_open(NULL);
	}
	if (is_there) {
		chain_push(&walk, building->pusher);
	}
	walk_done(&walk);
	if (!is_there) {
		err_fail(err, STATUS_USAGE, "'%s' is not in the store", operand);
		return err_hint(err, "brun build %s makes it", operand);
	}
	return 0;
}

static int
run_pull(struct building *building, struct store *store, const char *operand, struct err *err)
{
	cleanup_request struct request request = REQUEST_NONE;
	struct digest id;

	building->is_pull_only = true;
	if (request_open(operand, "default", &request, err) < 0 ||
		building_run(building, store, &request, &id, err) < 0) {
		return -1;
	}
	cleanup_free char *path = store_tree_path(store, &id);
	puts(path);
	return 0;
}

static int
run_each(struct building *building, char **operands, int count, bool is_push, struct err *err)
{
	cleanup_store struct store *store = NULL;
	int result = building_open_store(building, &store, err), cancel_fd = -1;

	for (int i = 0; result == 0 && i < count; i++) {
		result = is_push ? run_push(building, store, operands[i], &cancel_fd, err)
				 : run_pull(building, store, operands[i], err);
	}
	size_t left = building_settle(building, err);
	if (cancel_fd >= 0) {
		interrupt_close(cancel_fd);
	}
	if (result == 0 && is_push && left && building->interruption.status) {
		*err = building->interruption;
		return err_hint(err, "the same command sends what is left");
	}
	if (result == 0 && is_push && left) {
		err_fail(err, STATUS_SOURCE, "%zu record%s could not be sent", left,
			left == 1 ? "" : "s");
		return err_hint(err, "why stands above; the same command sends what is left");
	}
	return result;
}

static int
complain_usage(const char *verb, struct err *err)
{
	if (strcmp(verb, "key") == 0) {
		return err_fail(err, STATUS_USAGE, "cache key takes no operand");
	}
	if (strcmp(verb, "push") == 0 || strcmp(verb, "pull") == 0) {
		return err_fail(err, STATUS_USAGE, "cache %s takes recipes, got none", verb);
	}
	err_fail(err, STATUS_USAGE, "cache can't '%s'", verb);
	return err_hint(err, "it can key, push RECIPE… and pull RECIPE…");
}

int
cmd_cache(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	struct building building = {0};
	int count = 0;
	const struct option_row rows[] = {BUILDING_ROWS(building), {0}};
	const struct option_operands operands = {
		1, INT_MAX, "key, push RECIPE… or pull RECIPE…", false};

	int begun = options_begin(argc, argv, rows, &operands, ret_help, &count, err);
	if (begun != 0) {
		return begun < 0 ? -1 : 0;
	}
	if (strcmp(argv[1], "key") == 0 && count == 1) {
		return run_key(err);
	}
	bool is_push = strcmp(argv[1], "push") == 0;
	if ((!is_push && strcmp(argv[1], "pull") != 0) || count < 2) {
		return complain_usage(argv[1], err);
	}
	return run_each(&building, argv + 2, count - 1, is_push, err);
}
