/* SPDX-License-Identifier: MIT */
/* What is synced, and why; nothing else is, for it may be lost.
 *
 * - A tree: syncfs(2) before it gets its name (store_put_tree). A name may reach the disk before
 *   contents do, and a name is all that the next run looks at. One for all files, since an
 *   fsync(2) each would cost a journal commit a file; one for all threads that wait.
 * - A blob: fsync before its name, for the same reason; it is one file.
 * - A record: fsync before its name. An empty one would only cost a build, but it would be found
 *   wrong. Its tree's names need not be on the disk before: a record whose tree is not there
 *   counts as none.
 * - version, roots: fsync before the name. An empty version would make a foreign store of ours.
 * - An output: syncfs before the exchange. Else its stamp could stand on files without contents.
 * - trash/: syncfs between the renames into it and the deletion. Else a tree could be back under
 *   its name with half of its files away.
 *
 * Not synced: names themselves (what is lost is made again), logs, plans, notes of use. */
#include "store/store_room.h"

#include "base/err.h"

#include <errno.h>
#include <unistd.h>

/* Runs with the mutex held, gives it back held. */
static int
sync_once(struct store *store, struct err *err)
{
	struct store_sync *sync = &store->sync;
	uint64_t number = ++sync->begun;

	sync->is_running = true;
	pthread_mutex_unlock(&sync->mutex);
	int result = syncfs(store->fd) < 0 ? err_set(err, errno, "syncfs '%s'", store->path) : 0;
	pthread_mutex_lock(&sync->mutex);
	sync->is_running = false;
	if (result == 0) {
		sync->finished = number;
	}
	pthread_cond_broadcast(&sync->changed);
	return result;
}

int
store_sync(struct store *store, struct err *err)
{
	struct store_sync *sync = &store->sync;
	int result = 0;

	pthread_mutex_lock(&sync->mutex);
	/* A sync that is under way may have passed our files already: it takes a later one. */
	uint64_t wanted = sync->begun + 1;
	while (sync->finished < wanted && result == 0) {
		if (sync->is_running) {
			pthread_cond_wait(&sync->changed, &sync->mutex);
		} else {
			result = sync_once(store, err);
		}
	}
	pthread_mutex_unlock(&sync->mutex);
	return result;
}
