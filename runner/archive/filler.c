/* SPDX-License-Identifier: MIT */
#include "archive/filler.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "text/printable.h"
#include "tree/seal.h"
#include "tree/tree.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

/* As many files wait at most, of a size that the caller limits. */
enum { QUEUE = 32, THREADS_MAX = 4 };

struct filling {
	int fd;
	char *data;
	size_t size;
	struct tree_entry *entry;
};

struct filler {
	pthread_t threads[THREADS_MAX];
	size_t thread_count;
	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t changed;
	struct filling queue[QUEUE];
	size_t first, count, busy;
	bool is_over, has_failed;
	struct err err;
};

static int
fill(const struct filling *filling, struct err *err)
{
	int result = fs_write_all(filling->fd, filling->data, filling->size, err);

	if (result == 0) {
		filling->entry->content = sha256_of(filling->data, filling->size);
		filling->entry->size = filling->size;
		result = seal_file(filling->fd, filling->entry->type, err);
	}
	if (result < 0) {
		cleanup_free char *shown = printable_name(filling->entry->path);
		return err_wrap(err, "writing '%s'", shown);
	}
	return 0;
}

static void
drop(const struct filling *filling)
{
	close(filling->fd);
	free(filling->data);
}

/* Runs with the mutex held, gives it back held. */
static void
fill_next(struct filler *filler)
{
	struct filling filling = filler->queue[filler->first];
	bool has_failed = filler->has_failed;
	struct err err;

	err.status = STATUS_OK;
	filler->first = (filler->first + 1) % QUEUE;
	filler->count--;
	filler->busy++;
	pthread_mutex_unlock(&filler->mutex);
	int result = has_failed ? 0 : fill(&filling, &err);
	drop(&filling);
	pthread_mutex_lock(&filler->mutex);
	filler->busy--;
	if (result < 0 && !filler->has_failed) {
		filler->has_failed = true;
		filler->err = err;
	}
	pthread_cond_broadcast(&filler->changed);
}

static void *
labour(void *argument)
{
	struct filler *filler = argument;

	pthread_mutex_lock(&filler->mutex);
	while (!filler->is_over) {
		if (filler->count > 0) {
			fill_next(filler);
		} else {
			pthread_cond_wait(&filler->changed, &filler->mutex);
		}
	}
	pthread_mutex_unlock(&filler->mutex);
	return NULL;
}

struct filler *
filler_new(void)
{
	struct filler *filler = mem_zalloc(1, sizeof(*filler));
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t wanted = processors < 1		   ? 1
			: processors > THREADS_MAX ? THREADS_MAX
						   : (size_t)processors;
	sigset_t all, before;

	pthread_mutex_init(&filler->mutex, NULL);
	pthread_cond_init(&filler->changed, NULL);
	/* Signals are the caller's business: none is delivered to a helper thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (filler->thread_count < wanted &&
		pthread_create(&filler->threads[filler->thread_count], NULL, labour, filler) == 0) {
		filler->thread_count++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return filler;
}

static int
tell_failure(const struct filler *filler, struct err *err)
{
	if (err) {
		*err = filler->err;
	}
	return -1;
}

/* Where no thread could be had the caller does the work. */
static void
wait_for_change(struct filler *filler)
{
	if (filler->thread_count == 0) {
		fill_next(filler);
	} else {
		pthread_cond_wait(&filler->changed, &filler->mutex);
	}
}

int
filler_take(struct filler *filler, int fd, char *data, size_t size, struct tree_entry *entry,
	struct err *err)
{
	const struct filling filling = {fd, data, size, entry};

	pthread_mutex_lock(&filler->mutex);
	while (filler->count == QUEUE && !filler->has_failed) {
		wait_for_change(filler);
	}
	int result = filler->has_failed ? tell_failure(filler, err) : 0;
	if (result == 0) {
		filler->queue[(filler->first + filler->count++) % QUEUE] = filling;
		pthread_cond_broadcast(&filler->changed);
	} else {
		drop(&filling);
	}
	pthread_mutex_unlock(&filler->mutex);
	return result;
}

int
filler_wait(struct filler *filler, struct err *err)
{
	pthread_mutex_lock(&filler->mutex);
	while (filler->count > 0 || filler->busy > 0) {
		wait_for_change(filler);
	}
	int result = filler->has_failed ? tell_failure(filler, err) : 0;
	pthread_mutex_unlock(&filler->mutex);
	return result;
}

void
filler_free(struct filler *filler)
{
	pthread_mutex_lock(&filler->mutex);
	filler->is_over = true;
	pthread_cond_broadcast(&filler->changed);
	pthread_mutex_unlock(&filler->mutex);
	for (size_t i = 0; i < filler->thread_count; i++) {
		pthread_join(filler->threads[i], NULL);
	}
	for (; filler->count > 0; filler->count--) {
		drop(&filler->queue[filler->first]);
		filler->first = (filler->first + 1) % QUEUE;
	}
	pthread_cond_destroy(&filler->changed);
	pthread_mutex_destroy(&filler->mutex);
	free(filler);
}
