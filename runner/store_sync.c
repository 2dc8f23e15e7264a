/* SPDX-License-Identifier: MIT */
#include "store_room.h"

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
