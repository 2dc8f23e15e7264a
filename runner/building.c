/* SPDX-License-Identifier: MIT */
#include "building.h"

#include "base/err.h"
#include "build.h"
#include "interrupt.h"
#include "limit.h"
#include "mirror.h"
#include "plan_cache.h"
#include "processors.h"
#include "progress.h"
#include "rebuild.h"
#include "request.h"
#include "store.h"
#include "store_lease.h"
#include "walk.h"

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

static struct plan_question
question_of(const struct request *request)
{
	return (struct plan_question){
		.program = "/proc/self/exe",
		.recipe = request->recipe,
		.library = request->installation.recipes,
		.output = request->name,
	};
}

/* What takes the events: the display, and whoever wants to know the output's key. */
struct audience {
	struct progress *progress;
	size_t wanted;
	struct digest key;
	bool has_key;
};

static void
hear(void *context, const struct build_event *event)
{
	struct audience *audience = context;

	if (event->action == audience->wanted && event->key &&
		(event->kind == BUILD_HIT || event->kind == BUILD_DONE)) {
		audience->key = *event->key;
		audience->has_key = true;
	}
	progress_event(audience->progress, event);
}

/* Files that a glob selects are nowhere in the evaluation's reads. */
static bool
has_glob(const struct plan *plan)
{
	for (size_t i = 0; i < plan->action_count; i++) {
		if (plan->actions[i].kind == ACTION_GLOB) {
			return true;
		}
	}
	return false;
}

static void
remember(struct store *store, const struct request *request, const struct audience *audience)
{
	const struct plan_question question = question_of(request);

	if (audience->has_key && !has_glob(&request->plan)) {
		plan_cache_put(store, &question, &audience->key, &request->reads, &request->began);
	}
}

static int
build(const struct building *building, struct store *store, const struct request *request,
	size_t wanted, const struct mirrors *mirrors, struct digest *ret_id, struct err *err)
{
	struct limits limits;
	if (building_limits(building, &limits, err) < 0) {
		return -1;
	}
	int cancel_fd = interrupt_open(err);
	if (cancel_fd < 0) {
		return -1;
	}
	struct audience audience = {
		.progress = progress_new(&request->plan, STDERR_FILENO, display(building),
			building->color ? building->color : "auto"),
		.wanted = wanted,
	};
	const struct build_options options = {
		.jobs = building_jobs(building),
		.is_offline = building->is_offline,
		.is_dry = building->is_dry,
		.keep_going = building->keeps_going,
		.keep_failed = building->keeps_failed,
		.recipe = request->operand,
		.helper_dir = request->installation.helpers,
		.mirrors = mirrors,
		.limits = &limits,
		.root_fd = request->root_fd,
		.library_fd = request->library_fd,
		.cancel_fd = cancel_fd,
		.observer = hear,
		.context = &audience,
	};
	int result = build_plan(store, &request->plan, wanted, &options, ret_id, err);
	if (result == 0 && building->is_rebuild) {
		result = rebuild_check(store, &request->plan, wanted, &options, err);
	}
	progress_free(audience.progress);
	if (result < 0) {
		interrupt_explain(cancel_fd, err);
	} else if (audience.has_key) {
		store_note_use(store, &audience.key);
	}
	if (result == 0 && wanted == request->output->index) {
		remember(store, request, &audience);
	}
	interrupt_close(cancel_fd);
	return result;
}

unsigned
building_jobs(const struct building *building)
{
	return building->jobs ? building->jobs : processors_count();
}

int
building_limits(const struct building *building, struct limits *ret_limits, struct err *err)
{
	*ret_limits = (struct limits){0};
	return limit_add_all(ret_limits, building->limits.items, building->limits.count, err) < 0
		       ? -1
		       : limit_configure(ret_limits, err);
}

/* Also says what is wrong with the options of the building. */
static int
choose_mirrors(const struct building *building, struct mirrors *mirrors, struct err *err)
{
	return check_color(building->color, err) < 0
		       ? -1
		       : mirrors_add_all(
				 mirrors, building->mirrors.items, building->mirrors.count, err);
}

bool
building_recall(const struct building *building, struct store *store, const struct request *request,
	struct digest *ret_id)
{
	const struct plan_question question = question_of(request);
	struct mirrors mirrors = {0};
	bool is_good = choose_mirrors(building, &mirrors, NULL) == 0;

	mirrors_done(&mirrors);
	return is_good && !building->is_dry && !building->is_json && !building->is_rebuild &&
	       plan_cache_find(store, &question, ret_id);
}

int
building_run_action(const struct building *building, struct store *store,
	const struct request *request, size_t wanted, struct digest *ret_id, struct err *err)
{
	struct mirrors mirrors = {0};
	int result = choose_mirrors(building, &mirrors, err);

	if (result == 0) {
		result = build(building, store, request, wanted, &mirrors, ret_id, err);
	}
	mirrors_done(&mirrors);
	return result;
}

int
building_run(const struct building *building, struct store *store, const struct request *request,
	struct digest *ret_id, struct err *err)
{
	return building_run_action(building, store, request, request->output->index, ret_id, err);
}

int
building_walk(
	struct store *store, const struct request *request, struct walk *ret_walk, struct err *err)
{
	const struct build_options options = {
		.root_fd = request->root_fd, .library_fd = request->library_fd, .cancel_fd = -1};

	return walk_init(ret_walk, store, &request->plan, request->output->index, &options, err);
}
