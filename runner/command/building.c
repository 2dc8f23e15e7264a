/* SPDX-License-Identifier: MIT */
#include "command/building.h"

#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/mem.h"
#include "build/build.h"
#include "build/globbed.h"
#include "build/limit.h"
#include "build/plan_cache.h"
#include "build/rebuild.h"
#include "build/walk.h"
#include "cache/caches.h"
#include "cache/push.h"
#include "command/interrupt.h"
#include "command/request.h"
#include "fetch/mirror.h"
#include "host/processors.h"
#include "progress/progress.h"
#include "progress/progress_json.h"
#include "store/store.h"
#include "store/store_lease.h"
#include "store/store_tmp.h"
#include "text/amount.h"
#include "text/printable.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A quarter of an hour: who has not taken it by then won't. */
enum { SETTLE_MS = 15 * 60 * 1000 };

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
	return err_fail(err, STATUS_USAGE, "--color takes auto, always or never, got '%s'", color);
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
		(event->kind == BUILD_HIT || event->kind == BUILD_DONE ||
			event->kind == BUILD_PULLED)) {
		audience->key = *event->key;
		audience->has_key = true;
	}
	progress_event(audience->progress, event);
}

static void
remember(struct store *store, const struct request *request, const struct audience *audience)
{
	const struct plan_question question = question_of(request);
	cleanup_buf struct buf globbed = {0};

	/* Files that a glob selects are nowhere in the evaluation's reads. */
	if (audience->has_key && globbed_paths(&request->plan, request->root_fd,
					 request->library_fd, &globbed, NULL) == 0) {
		plan_cache_put(store, &question, &audience->key, &request->reads, &globbed,
			&request->began);
	}
}

/* Where a notice goes: into the display as long as there is one. */
static void
on_notice(void *context, const char *text)
{
	struct building *building = context;
	cleanup_free char *shown = printable_text(text);

	pthread_mutex_lock(&building->lock);
	if (building->progress) {
		const struct build_event event = {.kind = BUILD_NOTICE,
			.action = building->shown,
			.text = shown,
			.length = strlen(shown)};
		progress_event(building->progress, &event);
	} else if (building->is_json) {
		cleanup_buf struct buf line = {0};
		progress_json_notice(&line, shown);
		fputs(buf_text(&line), stderr);
	} else if (!building->is_quiet) {
		fprintf(stderr, "%s\n", shown);
	}
	pthread_mutex_unlock(&building->lock);
}

static void
show(struct building *building, struct progress *progress, size_t wanted)
{
	pthread_mutex_lock(&building->lock);
	building->progress = progress;
	building->shown = wanted;
	pthread_mutex_unlock(&building->lock);
}

int
building_open_caches(struct building *building, struct store *store, const struct request *request,
	struct err *err)
{
	cleanup_free char *helper = mem_printf("%s/cache-helper", request->installation.helpers);
	const struct caches_wish wish = {
		.urls = building->caches.items,
		.url_count = building->caches.count,
		.trusted = building->trusted.items,
		.trusted_count = building->trusted.count,
		.pushes = building->pushes,
	};
	struct caches caches;

	if (building->open_caches || building->is_alone || building->is_offline ||
		building->is_dry) {
		return 0;
	}
	if (caches_open(&wish, helper, &caches, err) < 0) {
		return -1;
	}
	pthread_mutex_init(&building->lock, NULL);
	building->open_caches = mem_zalloc(1, sizeof(caches));
	*building->open_caches = caches;
	building->open_caches->notice = on_notice;
	building->open_caches->context = building;
	if (caches.count && !caches.trusted_count && !building->is_push_only) {
		on_notice(building, "no key is trusted: nothing is taken from the caches\n"
				    "  brun cache key prints one on the machine that sends; "
				    "--trust KEY, or trusted_keys in the configuration");
	}
	if (caches_can_push(&caches)) {
		building->pusher =
			pusher_new(building->open_caches, store, request->installation.helpers);
	}
	return 0;
}

static void
report_pushes(struct building *building, const struct push_result *result)
{
	cleanup_buf struct buf text = {0};

	if (result->sent) {
		buf_printf(&text, "%zu records and ", result->sent);
		amount_add_bytes(&text, result->bytes);
		buf_puts(&text, " of outputs sent to the caches");
	}
	if (result->left) {
		buf_printf(&text,
			"%s%zu records could not be sent; brun cache push goes on from there",
			text.length ? "\n" : "", result->left);
	}
	if (text.length) {
		on_notice(building, buf_text(&text));
	}
}

static size_t
finish_pushes(struct building *building, const struct err *err)
{
	bool is_stopping = err->status >= STATUS_INTERRUPTED;
	int cancel_fd = is_stopping ? -1 : interrupt_open(NULL);
	size_t left = pusher_left(building->pusher);

	if (left && !is_stopping) {
		cleanup_free char *text =
			mem_printf("waiting for %zu records on their way to the caches", left);
		on_notice(building, text);
	}
	struct push_result result =
		pusher_finish(building->pusher, is_stopping ? 0 : SETTLE_MS, cancel_fd);
	if (cancel_is_asked(cancel_fd)) {
		err_fail(&building->interruption, STATUS_INTERRUPTED, "sending was stopped");
		interrupt_explain(cancel_fd, &building->interruption);
	}
	if (cancel_fd >= 0) {
		interrupt_close(cancel_fd);
	}
	report_pushes(building, &result);
	pusher_free(building->pusher);
	building->pusher = NULL;
	return result.left;
}

size_t
building_settle(struct building *building, const struct err *err)
{
	if (!building->open_caches) {
		return 0;
	}
	size_t left = building->pusher ? finish_pushes(building, err) : 0;
	caches_done(building->open_caches);
	free(building->open_caches);
	building->open_caches = NULL;
	pthread_mutex_destroy(&building->lock);
	return left;
}

static struct build_options
options_of(const struct building *building, const struct request *request)
{
	return (struct build_options){
		.jobs = building_jobs(building),
		.is_offline = building->is_offline,
		.is_dry = building->is_dry,
		.is_pull_only = building->is_pull_only,
		.keep_going = building->keeps_going,
		.keep_failed = building->keeps_failed,
		.recipe = request->operand,
		.helper_dir = request->installation.helpers,
		.caches = building->open_caches && caches_can_pull(building->open_caches)
				  ? building->open_caches
				  : NULL,
		.pusher = building->pusher,
		.root_fd = request->root_fd,
		.library_fd = request->library_fd,
	};
}

static int
build(struct building *building, struct store *store, const struct request *request, size_t wanted,
	const struct mirrors *mirrors, struct digest *ret_id, struct err *err)
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
	if (building->open_caches) {
		show(building, audience.progress, wanted);
	}
	struct build_options options = options_of(building, request);
	options.mirrors = mirrors;
	options.limits = &limits;
	options.cancel_fd = cancel_fd;
	options.observer = hear;
	options.context = &audience;
	int result = build_plan(store, &request->plan, wanted, &options, ret_id, err);
	if (result == 0 && building->is_rebuild) {
		result = rebuild_check(store, &request->plan, wanted, &options, err);
	}
	if (building->open_caches) {
		show(building, NULL, wanted);
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
	struct limits limits = {0};
	bool is_good =
		choose_mirrors(building, &mirrors, NULL) == 0 &&
		limit_add_all(&limits, building->limits.items, building->limits.count, NULL) == 0;

	mirrors_done(&mirrors);
	return is_good && !building->is_dry && !building->is_json && !building->is_rebuild &&
	       plan_cache_find(store, &question, ret_id);
}

int
building_run_action(struct building *building, struct store *store, const struct request *request,
	size_t wanted, struct digest *ret_id, struct err *err)
{
	struct mirrors mirrors = {0};
	int result = choose_mirrors(building, &mirrors, err);

	if (result == 0) {
		result = building_open_caches(building, store, request, err);
	}
	if (result == 0) {
		result = build(building, store, request, wanted, &mirrors, ret_id, err);
	}
	mirrors_done(&mirrors);
	return result;
}

int
building_run(struct building *building, struct store *store, const struct request *request,
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

	if (walk_init(ret_walk, store, &request->plan, request->output->index, &options, err) < 0) {
		return -1;
	}
	walk_begin(ret_walk);
	return 0;
}
