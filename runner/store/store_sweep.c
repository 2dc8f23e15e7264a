/* SPDX-License-Identifier: MIT */
#include "store/store_sweep.h"

#include "base/cancel.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/store_lease.h"
#include "store/store_lock.h"
#include "store/store_roll.h"
#include "store/store_room.h"
#include "store/store_roots.h"
#include "store/store_weigh.h"
#include "tree/parallel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Builds wait for a batch: most of 20 ms, usually. */
enum { BATCH = 400, LOOK = 50, LOOK_NS = 20 * 1000 * 1000 };

void
sweep_add(struct sweep *sweep, struct victim victim)
{
	if (sweep->count == sweep->capacity) {
		sweep->capacity = sweep->capacity ? sweep->capacity * 2 : 256;
		sweep->victims =
			mem_resize(sweep->victims, sweep->capacity, sizeof(*sweep->victims));
	}
	sweep->victims[sweep->count++] = victim;
}

void
sweep_done(struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->count; i++) {
		free(sweep->victims[i].path);
	}
	free(sweep->victims);
	*sweep = (struct sweep){0};
}

static int
check_cancel(int cancel_fd, struct err *err)
{
	return cancel_is_asked(cancel_fd)
		       ? err_fail(err, STATUS_INTERRUPTED,
				 "stopped while collecting; what is left goes the next time")
		       : 0;
}

static int
compare_digests(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct digest));
}

/* Ids that nobody may take away, sorted. */
struct spared {
	struct digest *ids;
	size_t count;
};

static bool
is_spared(const struct spared *spared, const struct digest *id)
{
	return spared->count &&
	       bsearch(id, spared->ids, spared->count, sizeof(*spared->ids), compare_digests);
}

/* What is held, and what has become a root since the census. What was seen once stays in: a run
 * that has just ended may have left a new root behind. */
static int
read_spared(struct store *store, struct spared *spared, struct err *err)
{
	struct store_root *roots = NULL;
	size_t count = 0;

	if (store_held(store, &spared->ids, &spared->count, err) < 0 ||
		store_roots_read(store, &roots, &count, err) < 0) {
		return -1;
	}
	spared->ids = mem_resize(spared->ids, spared->count + count + 1, sizeof(*spared->ids));
	for (size_t i = 0; i < count; i++) {
		if (roots[i].is_alive) {
			spared->ids[spared->count++] = roots[i].id;
		}
	}
	store_roots_done(roots, count);
	qsort(spared->ids, spared->count, sizeof(*spared->ids), compare_digests);
	size_t kept = 0;
	for (size_t i = 0; i < spared->count; i++) {
		if (!kept || !digest_equal(&spared->ids[kept - 1], &spared->ids[i])) {
			spared->ids[kept++] = spared->ids[i];
		}
	}
	spared->count = kept;
	return 0;
}

/* Files whose names are gone. A file system frees the blocks when the last descriptor is closed,
 * and some wait for the disk then, a millisecond each: that is for when the gate is open again, and
 * for many threads. */
struct nameless {
	int fds[BATCH];
	size_t count;
};

static int
close_one(void *context, size_t index, struct err *err)
{
	const struct nameless *nameless = context;

	(void)err;
	close(nameless->fds[index]);
	return 0;
}

static void
let_go(struct nameless *nameless)
{
	(void)parallel_each_waiting(nameless->count, close_one, nameless, NULL);
	nameless->count = 0;
}

static int
discard(struct store *store, const char *path, struct nameless *nameless, struct err *err)
{
	cleanup_fd int fd = nameless->count < BATCH
				    ? openat(store->fd, path, O_PATH | O_NOFOLLOW | O_CLOEXEC)
				    : -1;

	if (unlinkat(store->fd, path, 0) < 0 && errno != ENOENT) {
		return err_set(err, errno, "remove '%s/%s'", store->path, path);
	}
	if (fd >= 0) {
		nameless->fds[nameless->count++] = steal_fd(fd);
	}
	return 0;
}

static int
discard_tree(struct store *store, const struct digest *id, struct nameless *nameless,
	uint64_t *bytes, struct err *err)
{
	struct store_name tree = store_name("trees", id, "");
	struct store_name manifest = store_name("manifests", id, "");

	/* The tree first: without its manifest it would be damaged. */
	if (store_set_aside(store, tree.text, strchr(tree.text, '/') + 1, err) < 0) {
		return -1;
	}
	*bytes += weigh_removal(store->fd, manifest.text);
	return discard(store, manifest.text, nameless, err);
}

static int
discard_directory(struct store *store, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	cleanup_free char *name = mem_printf("directory-%s", slash ? slash + 1 : path);

	return store_set_aside(store, path, name, err);
}

static bool
is_used(struct store *store, const struct victim *victim, const struct spared *spared)
{
	switch (victim->kind) {
	case VICTIM_RECORD:
		return is_spared(spared, &victim->output);
	case VICTIM_LOG:
		return store_is_locked(store, &victim->id) ||
		       faccessat(store->fd, store_name("actions", &victim->id, ".json").text, F_OK,
			       0) == 0;
	case VICTIM_TREE:
	case VICTIM_BLOB:
		return is_spared(spared, &victim->id);
	case VICTIM_MANIFEST:
		return is_spared(spared, &victim->id) || store_has_tree(store, &victim->id);
	case VICTIM_FILE:
		/* Its output may have come since. */
		return strncmp(victim->path, "roots/", strlen("roots/")) == 0 &&
		       store_root_is_alive(store, victim->path);
	default:
		return false;
	}
}

static int
take(struct store *store, const struct victim *victim, struct nameless *nameless, uint64_t *bytes,
	struct err *err)
{
	const struct digest *id = &victim->id;

	switch (victim->kind) {
	case VICTIM_RECORD:
		return discard(store, store_name("actions", id, ".json").text, nameless, err);
	case VICTIM_LOG:
		return discard(store, store_name("logs", id, ".log").text, nameless, err);
	case VICTIM_TREE:
		return discard_tree(store, id, nameless, bytes, err);
	case VICTIM_MANIFEST:
		return discard(store, store_name("manifests", id, "").text, nameless, err);
	case VICTIM_BLOB:
		return discard(store, store_name("blobs", id, "").text, nameless, err);
	case VICTIM_FILE:
		return discard(store, victim->path, nameless, err);
	default:
		return discard_directory(store, victim->path, err);
	}
}

/* Have we had the gate for long enough? */
static bool
is_long_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000000000LL + (now.tv_nsec - start->tv_nsec) >
	       LOOK_NS;
}

/* With the gate for ourselves: as many as the time allows, and one at least. *ret_taken. */
static int
take_batch(struct store *store, struct victim *victims, size_t count, struct spared *spared,
	struct nameless *nameless, uint64_t *bytes, size_t *ret_taken, struct err *err)
{
	struct timespec start;
	size_t i = 0;

	clock_gettime(CLOCK_MONOTONIC, &start);
	if (read_spared(store, spared, err) < 0) {
		return -1;
	}
	while (i < count && (i % LOOK != LOOK - 1 || !is_long_since(&start))) {
		struct victim *victim = &victims[i++];
		victim->is_spared = is_used(store, victim, spared);
		if (victim->is_spared) {
			continue;
		}
		if (take(store, victim, nameless, bytes, err) < 0) {
			return -1;
		}
		*bytes += victim->bytes;
	}
	*ret_taken = i;
	return 0;
}

static int
take_all(struct store *store, struct sweep *sweep, struct spared *spared, int cancel_fd,
	uint64_t *bytes, struct err *err)
{
	struct nameless nameless = {.count = 0};
	int result = 0;
	size_t taken = 0;

	for (size_t i = 0; i < sweep->count && result == 0; i += taken) {
		size_t count = sweep->count - i < BATCH ? sweep->count - i : BATCH;
		if (check_cancel(cancel_fd, err) < 0 || store_gate(store, LOCK_EX, err) < 0) {
			return -1;
		}
		result = take_batch(
			store, &sweep->victims[i], count, spared, &nameless, bytes, &taken, err);
		(void)store_gate(store, LOCK_UN, NULL);
		let_go(&nameless);
	}
	return result;
}

static int
compare_inodes(const void *a, const void *b)
{
	const struct victim *left = a, *right = b;

	return (left->inode > right->inode) - (left->inode < right->inode);
}

/* Within a kind: between kinds the order is the caller's. */
static void
sort_by_place(struct sweep *sweep)
{
	size_t end;

	for (size_t i = 0; i < sweep->count; i = end) {
		for (end = i + 1;
			end < sweep->count && sweep->victims[end].kind == sweep->victims[i].kind;) {
			end++;
		}
		qsort(&sweep->victims[i], end - i, sizeof(*sweep->victims), compare_inodes);
	}
}

int
sweep_run(struct store *store, struct sweep *sweep, int cancel_fd, uint64_t *bytes, struct err *err)
{
	struct spared spared = {0};

	sort_by_place(sweep);
	int result = take_all(store, sweep, &spared, cancel_fd, bytes, err);
	free(spared.ids);
	return result;
}

struct emptying {
	int dir, cancel_fd;
	struct roll roll;
	atomic_uint_fast64_t bytes;
};

static int
delete_one(void *context, size_t index, struct err *err)
{
	struct emptying *emptying = context;
	uint64_t bytes = 0;

	if (index % LOOK == 0 && check_cancel(emptying->cancel_fd, err) < 0) {
		return -1;
	}
	int result =
		fs_remove_counted_at(emptying->dir, emptying->roll.items[index].name, &bytes, err);
	atomic_fetch_add(&emptying->bytes, bytes);
	return result;
}

int
sweep_empty_trash(struct store *store, int cancel_fd, uint64_t *bytes, struct err *err)
{
	struct emptying emptying = {.cancel_fd = cancel_fd};
	cleanup_fd int dir = fs_open_dir(store->fd, "trash", err);

	if (dir < 0 || roll_read(dir, &emptying.roll, err) < 0) {
		return -1;
	}
	/* What follows must not reach the disk before the renames do: else a power cut could give a
	 * tree its name back and leave half of its files away. */
	size_t count = emptying.roll.count;
	int result = count ? store_sync(store, err) : 0;
	if (result == 0) {
		emptying.dir = dir;
		result = parallel_each_waiting(count, delete_one, &emptying, err);
	}
	roll_done(&emptying.roll);
	*bytes += emptying.bytes;
	return result;
}
