/* SPDX-License-Identifier: MIT */
#include "tree/parallel.h"

#include "base/err.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

enum { THREADS_MAX = 8, WAITING_THREADS = 16, WORTH_A_THREAD = 1 << 20 };

struct job {
	size_t count;
	atomic_size_t next;
	atomic_bool has_failed;
	int (*work)(void *context, size_t index, struct err *err);
	void *context;
	pthread_mutex_t mutex; /* guards what follows */
	size_t failed_index;
	struct err *err;
};

static void
fail(struct job *job, size_t index, const struct err *err)
{
	pthread_mutex_lock(&job->mutex);
	if (!atomic_load(&job->has_failed) || index < job->failed_index) {
		job->failed_index = index;
		if (job->err) {
			*job->err = *err;
		}
	}
	atomic_store(&job->has_failed, true);
	pthread_mutex_unlock(&job->mutex);
}

static void *
labour(void *argument)
{
	struct job *job = argument;
	struct err err;

	err.status = STATUS_OK;
	while (!atomic_load(&job->has_failed)) {
		size_t index = atomic_fetch_add(&job->next, 1);
		if (index >= job->count) {
			break;
		}
		if (job->work(job->context, index, &err) < 0) {
			fail(job, index, &err);
		}
	}
	return NULL;
}

static size_t
thread_count(size_t count, uint64_t bytes)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t wanted = processors > THREADS_MAX ? THREADS_MAX
			: processors > 0	 ? (size_t)processors
						 : 1;

	if (bytes / WORTH_A_THREAD < wanted) {
		wanted = (size_t)(bytes / WORTH_A_THREAD) + 1;
	}
	return wanted < count ? wanted : count;
}

static int
run(struct job *job, size_t wanted)
{
	size_t started = 0;
	pthread_t threads[WAITING_THREADS];
	sigset_t all, before;

	pthread_mutex_init(&job->mutex, NULL);
	/* Signals are the caller's business: none is delivered to a helper thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (started + 1 < wanted && pthread_create(&threads[started], NULL, labour, job) == 0) {
		started++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	labour(job);
	for (size_t i = 0; i < started; i++) {
		pthread_join(threads[i], NULL);
	}
	pthread_mutex_destroy(&job->mutex);
	return atomic_load(&job->has_failed) ? -1 : 0;
}

int
parallel_each(size_t count, uint64_t bytes,
	int (*work)(void *context, size_t index, struct err *err), void *context, struct err *err)
{
	struct job job = {.count = count, .work = work, .context = context, .err = err};

	return run(&job, thread_count(count, bytes));
}

int
parallel_each_waiting(size_t count, int (*work)(void *context, size_t index, struct err *err),
	void *context, struct err *err)
{
	struct job job = {.count = count, .work = work, .context = context, .err = err};

	return run(&job, count < WAITING_THREADS ? count : WAITING_THREADS);
}
