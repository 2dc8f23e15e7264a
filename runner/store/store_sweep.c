/* SPDX-License-Identifier: MIT */
#include "store/store_sweep.h"

#include "base/cancel.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/store_lease.h"
#include "store/store_lock.h"
#include "store/store_room.h"
#include "store/store_roots.h"
#include "store/store_weigh.h"
#include "tree/parallel.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Builds wait for a batch: some milliseconds. */
enum { BATCH = 500 };

void
sweep_add(struct sweep *sweep, struct victim victim)
{
	if (sweep->count == sweep->capacity) {
		sweep->capacity = sweep->capacity ? sweep->capacity * 2 : 256;
		sweep->victims =
			mem_resize(sweep->victims, sweep->capacity, sizeof *sweep->victims);
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
	       bsearch(id, spared->ids, spared->count, sizeof *spared->ids, compare_digests);
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
	spared->ids = mem_resize(spared->ids, spared->count + count + 1, sizeof *spared->ids);
	for (size_t i = 0; i < count; i++) {
		if (roots[i].is_alive) {
			spared->ids[spared->count++] = roots[i].id;
		}
	}
	store_roots_done(roots, count);
	qsort(spared->ids, spared->count, sizeof *spared->ids, compare_digests);
	size_t kept = 0;
	for (size_t i = 0; i < spared->count; i++) {
		if (!kept || !digest_equal(&spared->ids[kept - 1], &spared->ids[i])) {
			spared->ids[kept++] = spared->ids[i];
		}
	}
	spared->count = kept;
	return 0;
}

static int
discard(struct store *store, const char *path, struct err *err)
{
	return unlinkat(store->fd, path, 0) < 0 && errno != ENOENT
		       ? err_set(err, errno, "remove '%s/%s'", store->path, path)
		       : 0;
}

static int
discard_tree(struct store *store, const struct digest *id, struct err *err)
{
	struct store_name tree = store_name("trees", id, "");
	struct store_name manifest = store_name("manifests", id, "");

	/* The tree first: without its manifest it would be damaged. */
	return store_set_aside(store, tree.text, strchr(tree.text, '/') + 1, err) < 0
		       ? -1
		       : discard(store, manifest.text, err);
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
take(struct store *store, const struct victim *victim, struct err *err)
{
	switch (victim->kind) {
	case VICTIM_RECORD:
		return discard(store, store_name("actions", &victim->id, ".json").text, err);
	case VICTIM_LOG:
		return discard(store, store_name("logs", &victim->id, ".log").text, err);
	case VICTIM_TREE:
		return discard_tree(store, &victim->id, err);
	case VICTIM_MANIFEST:
		return discard(store, store_name("manifests", &victim->id, "").text, err);
	case VICTIM_BLOB:
		return discard(store, store_name("blobs", &victim->id, "").text, err);
	case VICTIM_FILE:
		return discard(store, victim->path, err);
	default:
		return discard_directory(store, victim->path, err);
	}
}

/* With the gate for ourselves. */
static int
take_batch(struct store *store, struct victim *victims, size_t count, struct spared *spared,
	uint64_t *bytes, struct err *err)
{
	if (read_spared(store, spared, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		victims[i].is_spared = is_used(store, &victims[i], spared);
		if (victims[i].is_spared) {
			continue;
		}
		if (take(store, &victims[i], err) < 0) {
			return -1;
		}
		*bytes += victims[i].bytes;
	}
	return 0;
}

static int
take_all(struct store *store, struct sweep *sweep, struct spared *spared, int cancel_fd,
	uint64_t *bytes, struct err *err)
{
	int result = 0;

	for (size_t i = 0; i < sweep->count && result == 0; i += BATCH) {
		size_t count = sweep->count - i < BATCH ? sweep->count - i : BATCH;
		if (check_cancel(cancel_fd, err) < 0 || store_gate(store, LOCK_EX, err) < 0) {
			return -1;
		}
		result = take_batch(store, &sweep->victims[i], count, spared, bytes, err);
		(void)store_gate(store, LOCK_UN, NULL);
	}
	return result;
}

int
sweep_run(struct store *store, struct sweep *sweep, int cancel_fd, uint64_t *bytes, struct err *err)
{
	struct spared spared = {0};
	int result = take_all(store, sweep, &spared, cancel_fd, bytes, err);

	free(spared.ids);
	return result;
}

struct emptying {
	int dir, cancel_fd;
	char **names;
	pthread_mutex_t mutex;
	uint64_t bytes;
};

static int
delete_one(void *context, size_t index, struct err *err)
{
	struct emptying *emptying = context;

	if (check_cancel(emptying->cancel_fd, err) < 0) {
		return -1;
	}
	uint64_t bytes = weigh_removal(emptying->dir, emptying->names[index]);
	int result = fs_remove_at(emptying->dir, emptying->names[index], err);
	pthread_mutex_lock(&emptying->mutex);
	emptying->bytes += result == 0 ? bytes : 0;
	pthread_mutex_unlock(&emptying->mutex);
	return result;
}

int
sweep_empty_trash(struct store *store, int cancel_fd, uint64_t *bytes, struct err *err)
{
	struct emptying emptying = {.cancel_fd = cancel_fd, .mutex = PTHREAD_MUTEX_INITIALIZER};
	cleanup_fd int dir = fs_open_dir(store->fd, "trash", err);
	cleanup_free char **names = NULL;
	size_t count = 0;

	if (dir < 0 || fs_list_dir(dir, &names, &count, err) < 0) {
		return -1;
	}
	/* What follows must not reach the disk before the renames do: else a power cut could give a
	 * tree its name back and leave half of its files away. */
	if (count && store_sync(store, err) < 0) {
		return -1;
	}
	emptying.dir = dir;
	emptying.names = names;
	int result = parallel_each(count, (uint64_t)count << 20, delete_one, &emptying, err);
	*bytes += emptying.bytes;
	return result;
}
