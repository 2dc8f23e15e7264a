/* SPDX-License-Identifier: MIT */
/* A collection:
 *
 *	1. takes its own lock: one collection at a time, the next one waits.
 *	2. empties trash/, which a killed one may have left.
 *	3. takes a census and wakes what is to stay: from the roots, from what living runs hold, and
 *	   from records that were used lately; through records to the inputs, all the way down.
 *	4. moves the rest away in batches, records before what they name, each batch with the gate
 *	   (store_lease.c) for itself: what a run holds by then, or what has become a root, is left.
 *	   A tree leaves by one rename, all else by one unlink.
 *	5. syncs once, and deletes what is in trash/.
 *
 * Killed between any two calls it leaves trees without records, manifests without trees, logs
 * without records, a full trash/: all of that is garbage, and nothing is half there.
 *
 * Locks are taken in this order, and what is later in it is never held while waiting for what is
 * earlier: an action's lock or the collection's (store_lock; one at a time), then the lease's
 * mutex, then the gate (moments only). Nobody who has the gate waits for anything. */
#include "store/store_gc.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/store_census.h"
#include "store/store_lease.h"
#include "store/store_lock.h"
#include "store/store_room.h"
#include "store/store_roots.h"
#include "store/store_sweep.h"
#include "store/store_weigh.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What failed is of use for a while, unless an age is given. */
enum { FAILED_DAYS = 7, DAY = 24 * 60 * 60, PLAN_MAX = 16 << 20 };

struct gc {
	struct store *store;
	const struct gc_options *options;
	struct census census;
	struct weigher weigher;
	uint64_t weight; /* of what is alive */
	struct sweep sweep;
	struct gc_result result;
	int64_t now;
};

static void
weigh(void *context, const struct digest *id, bool is_tree)
{
	struct gc *gc = context;

	gc->weight += is_tree ? weigh_tree(&gc->weigher, gc->store, id)
			      : weigh_blob(&gc->weigher, gc->store, id);
}

/* Output directories that are gone need no file any more. */
static int
wake_roots(struct gc *gc, struct err *err)
{
	struct store_root *roots = NULL;
	size_t count = 0;

	if (store_roots_read(gc->store, &roots, &count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		if (roots[i].is_alive) {
			census_wake(&gc->census, &roots[i].id);
		} else if (roots[i].output) {
			sweep_add(&gc->sweep, (struct victim){.kind = VICTIM_FILE,
						      .path = mem_strdup(roots[i].file)});
		}
	}
	store_roots_done(roots, count);
	return 0;
}

static int
wake_held(struct gc *gc, struct err *err)
{
	struct digest *held = NULL;
	size_t count = 0;
	int result = store_held(gc->store, &held, &count, err);

	for (size_t i = 0; i < count && result == 0; i++) {
		census_wake(&gc->census, &held[i]);
	}
	free(held);
	return result;
}

static int
compare_use(const void *a, const void *b, void *context)
{
	const struct census_record *records = context;
	int64_t left = records[*(const size_t *)a].used, right = records[*(const size_t *)b].used;

	return (left < right) - (left > right);
}

static bool
is_young(const struct gc *gc, int64_t time)
{
	return gc->options->older_than < 0 ? gc->options->max_size > 0
					   : time > gc->now - gc->options->older_than;
}

/* The last used first, until one does not fit any more. */
static void
wake_young(struct gc *gc)
{
	struct census *census = &gc->census;
	cleanup_free size_t *order = mem_alloc((census->record_count + 1) * sizeof(*order));

	for (size_t i = 0; i < census->record_count; i++) {
		order[i] = i;
	}
	qsort_r(order, census->record_count, sizeof(*order), compare_use, census->records);
	for (size_t i = 0; i < census->record_count; i++) {
		size_t before = census->woken_count;
		if (!is_young(gc, census->records[order[i]].used)) {
			break;
		}
		census_wake_record(census, order[i]);
		if (gc->options->max_size && gc->weight > gc->options->max_size) {
			census_forget(census, before);
			break;
		}
	}
}

static int
wake(struct gc *gc, struct err *err)
{
	if (gc->options->max_size) {
		gc->census.woken = weigh;
		gc->census.context = gc;
	}
	if (wake_roots(gc, err) < 0 || wake_held(gc, err) < 0) {
		return -1;
	}
	wake_young(gc);
	gc->census.woken = NULL;
	return 0;
}

static void
condemn_records(struct gc *gc)
{
	for (size_t i = 0; i < gc->census.record_count; i++) {
		const struct census_record *record = &gc->census.records[i];
		if (record->is_alive) {
			gc->result.kept.records++;
			continue;
		}
		sweep_add(&gc->sweep, (struct victim){.kind = VICTIM_RECORD,
					      .id = record->key,
					      .output = record->output,
					      .inode = record->inode,
					      .bytes = record->bytes});
	}
}

static void
condemn_trees(struct gc *gc)
{
	for (size_t i = 0; i < gc->census.tree_count; i++) {
		const struct census_thing *tree = &gc->census.trees[i];
		if (tree->is_alive) {
			gc->result.kept.trees++;
			continue;
		}
		/* It is weighed as it goes. */
		sweep_add(&gc->sweep,
			(struct victim){.kind = VICTIM_TREE, .id = tree->id, .inode = tree->inode});
	}
}

static void
condemn_blobs(struct gc *gc)
{
	for (size_t i = 0; i < gc->census.blob_count; i++) {
		const struct census_thing *blob = &gc->census.blobs[i];
		if (blob->is_alive) {
			gc->result.kept.blobs++;
			continue;
		}
		uint64_t bytes =
			weigh_removal(gc->store->fd, store_name("blobs", &blob->id, "").text);
		sweep_add(&gc->sweep, (struct victim){.kind = VICTIM_BLOB,
					      .id = blob->id,
					      .inode = blob->inode,
					      .bytes = bytes});
	}
}

/* Calls `look` for each name in a folder of the store. */
static int
each_name(struct gc *gc, const char *folder,
	void (*look)(struct gc *gc, int dir, const char *folder, const char *name), struct err *err)
{
	cleanup_fd int dir = fs_open_dir(gc->store->fd, folder, err);
	cleanup_free char **names = NULL;
	size_t count = 0;

	if (dir < 0 || fs_list_dir(dir, &names, &count, err) < 0) {
		return err_wrap(err, "'%s/%s'", gc->store->path, folder);
	}
	for (size_t i = 0; i < count; i++) {
		look(gc, dir, folder, names[i]);
	}
	return 0;
}

/* "HEX.log": the id. */
static bool
parse_name(const char *name, const char *suffix, struct digest *ret_id)
{
	cleanup_free char *hex = mem_strndup(name, DIGEST_HEX - 1);

	return digest_parse(hex, ret_id) && strcmp(name + DIGEST_HEX - 1, suffix) == 0;
}

static bool
is_of_use(const struct gc *gc, const struct stat *st)
{
	int64_t age = gc->options->older_than >= 0 ? gc->options->older_than : FAILED_DAYS * DAY;
	int64_t time = st->st_ctim.tv_sec;

	return time > gc->now - age;
}

/* The log of a step that failed has no record. */
static void
look_at_log(struct gc *gc, int dir, const char *folder, const char *name)
{
	struct digest key;
	struct stat st;

	(void)folder;
	if (!parse_name(name, ".log", &key) || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		return;
	}
	const struct census_record *record = census_find(&gc->census, &key);
	if (record ? record->is_alive : is_of_use(gc, &st)) {
		gc->result.kept.logs++;
		return;
	}
	sweep_add(&gc->sweep, (struct victim){.kind = VICTIM_LOG,
				      .id = key,
				      .inode = st.st_ino,
				      .bytes = (uint64_t)st.st_blocks * 512});
}

static void
look_at_manifest(struct gc *gc, int dir, const char *folder, const char *name)
{
	struct digest id;

	(void)folder;
	if (digest_parse(name, &id) && !census_has_tree(&gc->census, &id)) {
		sweep_add(&gc->sweep, (struct victim){.kind = VICTIM_MANIFEST,
					      .id = id,
					      .bytes = weigh_removal(dir, name)});
	}
}

/* Does the cached plan lead to a record that stays? (Its line is plan_cache.c's.) */
static bool
is_plan_alive(const struct gc *gc, int dir, const char *name)
{
	cleanup_buf struct buf text = {0};
	struct digest key;

	if (fs_read_at(dir, name, PLAN_MAX, &text, NULL) < 0) {
		return false;
	}
	const char *line = strstr(buf_text(&text), "\nkey ");
	cleanup_free char *hex = line ? mem_strndup(line + 5, DIGEST_HEX - 1) : NULL;
	if (!hex || !digest_parse(hex, &key)) {
		return false;
	}
	const struct census_record *record = census_find(&gc->census, &key);
	return record && record->is_alive;
}

static void
look_at_plan(struct gc *gc, int dir, const char *folder, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_ctim.tv_sec >= gc->now) {
		return;
	}
	if (is_plan_alive(gc, dir, name)) {
		gc->result.kept.plans++;
		return;
	}
	sweep_add(&gc->sweep, (struct victim){.kind = VICTIM_FILE,
				      .path = mem_printf("%s/%s", folder, name),
				      .bytes = (uint64_t)st.st_blocks * 512});
}

static void
look_at_failed(struct gc *gc, int dir, const char *folder, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		return;
	}
	if (is_of_use(gc, &st)) {
		gc->result.kept.failed++;
		return;
	}
	sweep_add(&gc->sweep, (struct victim){.kind = VICTIM_DIRECTORY,
				      .path = mem_printf("%s/%s", folder, name)});
}

static int
condemn(struct gc *gc, struct err *err)
{
	condemn_records(gc);
	if (each_name(gc, "logs", look_at_log, err) < 0) {
		return -1;
	}
	condemn_trees(gc);
	condemn_blobs(gc);
	return each_name(gc, "manifests", look_at_manifest, err) < 0 ||
			       each_name(gc, "plans", look_at_plan, err) < 0 ||
			       each_name(gc, "failed", look_at_failed, err) < 0
		       ? -1
		       : 0;
}

static size_t *
counter(struct gc_count *count, const struct victim *victim)
{
	switch (victim->kind) {
	case VICTIM_RECORD:
		return &count->records;
	case VICTIM_LOG:
		return &count->logs;
	case VICTIM_TREE:
		return &count->trees;
	case VICTIM_BLOB:
		return &count->blobs;
	case VICTIM_DIRECTORY:
		return &count->failed;
	case VICTIM_FILE:
		return strncmp(victim->path, "plans/", 6) == 0 ? &count->plans : NULL;
	default:
		return NULL;
	}
}

static void
count_up(struct gc *gc)
{
	for (size_t i = 0; i < gc->sweep.count; i++) {
		const struct victim *victim = &gc->sweep.victims[i];
		size_t *count =
			counter(victim->is_spared ? &gc->result.kept : &gc->result.removed, victim);
		if (count) {
			(*count)++;
		}
	}
}

/* For a dry run: what would go, by name, and what that weighs. */
static void
describe(struct gc *gc)
{
	struct weigher *weigher = &gc->weigher;
	char hex[DIGEST_HEX];

	weigher_done(weigher);
	for (size_t i = 0; i < gc->census.tree_count; i++) {
		if (gc->census.trees[i].is_alive) {
			(void)weigh_tree(weigher, gc->store, &gc->census.trees[i].id);
		}
	}
	for (size_t i = 0; i < gc->sweep.count; i++) {
		const struct victim *victim = &gc->sweep.victims[i];
		gc->result.bytes += victim->bytes;
		if (victim->kind == VICTIM_TREE) {
			cleanup_free char *name =
				census_maker_name(&gc->census, gc->store, &victim->id);
			gc->result.bytes += weigh_tree(weigher, gc->store, &victim->id);
			gc->options->removing(
				gc->options->context, "tree", digest_hex(&victim->id, hex), name);
		} else if (victim->kind == VICTIM_BLOB) {
			gc->options->removing(
				gc->options->context, "blob", digest_hex(&victim->id, hex), "");
		}
	}
}

static int
collect(struct gc *gc, struct err *err)
{
	int cancel_fd = gc->options->cancel_fd;
	uint64_t *bytes = &gc->result.bytes;

	if (!gc->options->is_dry && sweep_empty_trash(gc->store, cancel_fd, bytes, err) < 0) {
		return -1;
	}
	if (census_take(gc->store, &gc->census, err) < 0 || wake(gc, err) < 0 ||
		condemn(gc, err) < 0) {
		return -1;
	}
	if (gc->options->is_dry) {
		describe(gc);
	} else if (sweep_run(gc->store, &gc->sweep, cancel_fd, bytes, err) < 0 ||
		   sweep_empty_trash(gc->store, cancel_fd, bytes, err) < 0) {
		return -1;
	}
	count_up(gc);
	return 0;
}

int
store_gc(struct store *store, const struct gc_options *options, struct gc_result *ret_result,
	struct err *err)
{
	struct gc gc = {.store = store, .options = options, .now = time(NULL)};
	int lock;

	if (store_make_folders(store, err) < 0 ||
		store_lock_whole(store, options->cancel_fd, options->waiting, options->context,
			&lock, err) < 0) {
		return -1;
	}
	int result = collect(&gc, err);
	store_unlock(store, lock);
	sweep_done(&gc.sweep);
	weigher_done(&gc.weigher);
	census_done(&gc.census);
	if (result < 0) {
		return err_wrap(err, "collecting in the store '%s'", store->path);
	}
	*ret_result = gc.result;
	return 0;
}
