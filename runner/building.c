/* SPDX-License-Identifier: MIT */
#include "building.h"

#include "base/err.h"
#include "build.h"
#include "interrupt.h"
#include "mirror.h"
#include "progress.h"
#include "request.h"
#include "store.h"

#include <string.h>
#include <unistd.h>

int
building_open_store(const struct building *building, struct store **ret_store, struct err *err)
{
	struct store *store = NULL;

	if (store_open(building->store, &store, err) < 0) {
		return -1;
	}
	if (store_clean(store, err) < 0) {
		store_close(store);
		return -1;
	}
	*ret_store = store;
	return 0;
}

static int
check_color(const char *color, struct err *err)
{
	if (!color || strcmp(color, "auto") == 0 || strcmp(color, "always") == 0 ||
		strcmp(color, "never") == 0) {
		return 0;
	}
	return err_fail(
		err, STATUS_USAGE, "--color is 'auto', 'always' or 'never', got '%s'", color);
}

static enum progress_mode
display(const struct building *building)
{
	if (building->is_json) {
		return PROGRESS_JSON;
	}
	return building->is_quiet ? PROGRESS_QUIET : PROGRESS_AUTO;
}

static int
build(const struct building *building, struct store *store, const struct request *request,
	const struct mirrors *mirrors, struct digest *ret_id, struct err *err)
{
	int cancel_fd = interrupt_open(err);
	if (cancel_fd < 0) {
		return -1;
	}
	struct progress *progress = progress_new(&request->plan, STDERR_FILENO, display(building),
		building->color ? building->color : "auto");
	const struct build_options options = {
		.jobs = building->jobs,
		.is_offline = building->is_offline,
		.is_dry = building->is_dry,
		.keep_going = building->keeps_going,
		.keep_failed = building->keeps_failed,
		.helper_dir = request->installation.helpers,
		.mirrors = mirrors,
		.root_fd = request->root_fd,
		.library_fd = request->library_fd,
		.cancel_fd = cancel_fd,
		.observer = progress_event,
		.context = progress,
	};
	int result =
		build_plan(store, &request->plan, request->output->index, &options, ret_id, err);
	progress_free(progress);
	if (result < 0) {
		interrupt_explain(cancel_fd, err);
	}
	interrupt_close(cancel_fd);
	return result;
}

int
building_run(const struct building *building, struct store *store, const struct request *request,
	struct digest *ret_id, struct err *err)
{
	struct mirrors mirrors = {0};
	int result = check_color(building->color, err);

	for (size_t i = 0; result == 0 && i < building->mirrors.count; i++) {
		result = mirrors_add(&mirrors, building->mirrors.items[i], err);
	}
	if (result == 0) {
		result = build(building, store, request, &mirrors, ret_id, err);
	}
	mirrors_done(&mirrors);
	return result;
}
