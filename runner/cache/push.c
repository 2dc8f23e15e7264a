/* SPDX-License-Identifier: MIT */
/* The archive goes first, then the record that names it: a cache never has a record whose archive
 * is still on its way. */
#include "cache/push.h"

#include "base/buf.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cache/archives.h"
#include "cache/caches.h"
#include "cache/remote.h"
#include "cache/statement.h"
#include "store/record.h"
#include "store/store.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { THREADS = 4 };

struct parcel {
	struct parcel *next;
	struct statement statement;
	bool with_tree;
};

struct pusher {
	struct caches *caches;
	struct store *store;
	char *helper;
	struct archives archives;
	int stop_fd, idle_fd;  /* eventfds: break off; nothing is left */
	pthread_mutex_t mutex; /* all below */
	pthread_cond_t changed;
	pthread_t threads[THREADS];
	size_t thread_count;
	struct parcel *first, **last;
	size_t left; /* parcels in the queue or on their way */
	struct parcel *underway[THREADS];
	struct push_result result;
	bool is_ending;
};

struct pusher *
pusher_new(struct caches *caches, struct store *store, const char *helper_dir)
{
	struct pusher *pusher = mem_zalloc(1, sizeof(*pusher));

	pusher->caches = caches;
	pusher->store = store;
	pusher->helper = mem_printf("%s/unpack-helper", helper_dir);
	pusher->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pusher->idle_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pusher->archives = (struct archives){.store = store,
		.helper = pusher->helper,
		.cancel_fd = pusher->stop_fd,
		.mutex = PTHREAD_MUTEX_INITIALIZER};
	pusher->last = &pusher->first;
	pthread_mutex_init(&pusher->mutex, NULL);
	pthread_cond_init(&pusher->changed, NULL);
	return pusher;
}

static void
ring(int event_fd)
{
	const uint64_t one = 1;

	/* Fails only where it has rung 2^64 - 2 times. */
	(void)!write(event_fd, &one, sizeof(one));
}

/* Has the cache a record of it that will do? Who was first has the word, as long as it is somebody
 * whom we trust, or we ourselves. */
static bool
has_record(const struct pusher *pusher, struct cache *cache, const struct parcel *parcel)
{
	cleanup_buf struct buf text = {0};
	struct remote_name name = remote_action(&parcel->statement.key);
	struct statement found;
	struct sign_public own;
	cleanup_fd int fd = memfd_create("statement", MFD_CLOEXEC);

	if (fd < 0 ||
		remote_get(cache->remote, &name, STATEMENT_MOST, fd, pusher->stop_fd, NULL) != 1 ||
		lseek(fd, 0, SEEK_SET) < 0 || fs_read_all(fd, STATEMENT_MOST, &text, NULL) < 0 ||
		statement_parse(buf_text(&text), text.length, &found, NULL) < 0 ||
		!digest_equal(&found.key, &parcel->statement.key) ||
		sign_public_of(&pusher->caches->secret, &own, NULL) < 0) {
		return false;
	}
	if (!sign_public_equal(&found.signer, &own) &&
		!caches_trust(pusher->caches, &found.signer)) {
		return false;
	}
	if (!parcel->with_tree || !digest_equal(&found.output, &parcel->statement.output)) {
		return true;
	}
	struct remote_name content = remote_content(&found.archive);
	return found.has_archive && remote_has(cache->remote, &content, pusher->stop_fd, NULL) == 1;
}

static void
count_contents(const struct tree *tree, struct statement *statement)
{
	statement->entries = tree->count;
	statement->bytes = 0;
	for (size_t i = 0; i < tree->count; i++) {
		statement->bytes += tree->entries[i].size;
	}
}

static int
put_archive(const struct pusher *pusher, struct cache *cache, const struct statement *statement,
	int fd, struct err *err)
{
	struct remote_name name = remote_content(&statement->archive);
	const struct remote_put put = {
		.fd = fd,
		.size = statement->archive_size,
		.sha256 = statement->archive,
	};

	return remote_put(cache->remote, &name, &put, pusher->stop_fd, err);
}

static int
put_record(const struct pusher *pusher, struct cache *cache, const struct statement *statement,
	struct err *err)
{
	cleanup_buf struct buf text = {0};
	struct remote_name name = remote_action(&statement->key);
	cleanup_fd int fd = memfd_create("statement", MFD_CLOEXEC);

	if (fd < 0) {
		return err_set(err, errno, "memfd_create");
	}
	if (statement_print(statement, &pusher->caches->secret, &text, err) < 0 ||
		fs_write_all(fd, text.data, text.length, err) < 0) {
		return -1;
	}
	if (lseek(fd, 0, SEEK_SET) < 0) {
		return err_set(err, errno, "seek");
	}
	const struct remote_put put = {
		.fd = fd,
		.size = text.length,
		.sha256 = sha256_of(text.data, text.length),
		.needs = statement->has_archive ? &statement->archive : NULL,
		.needs_size = statement->archive_size,
	};
	return remote_put(cache->remote, &name, &put, pusher->stop_fd, err);
}

static int
send_tree(struct pusher *pusher, struct cache *cache, const struct tree *tree,
	struct statement *statement, struct loaded *load, struct err *err)
{
	if (load->fd >= 0 || archives_find(&pusher->archives, statement)) {
		struct remote_name name = remote_content(&statement->archive);
		int found = remote_has(cache->remote, &name, pusher->stop_fd, err);
		if (found != 0) {
			return found < 0 ? -1 : 0;
		}
	}
	if (archives_make(&pusher->archives, tree, statement, load, err) < 0 ||
		put_archive(pusher, cache, statement, load->fd, err) < 0) {
		return -1;
	}
	pthread_mutex_lock(&pusher->mutex);
	pusher->result.bytes += statement->archive_size;
	pthread_mutex_unlock(&pusher->mutex);
	return 0;
}

/* To one cache: 1 sent, 0 it was there, -1 err. */
static int
send_to(struct pusher *pusher, struct cache *cache, struct parcel *parcel, const struct tree *tree,
	struct loaded *load, struct err *err)
{
	struct statement *statement = &parcel->statement;

	if (has_record(pusher, cache, parcel)) {
		return 0;
	}
	if (parcel->with_tree && send_tree(pusher, cache, tree, statement, load, err) < 0) {
		return -1;
	}
	return put_record(pusher, cache, statement, err) < 0 ? -1 : 1;
}

static bool
is_stopped(const struct pusher *pusher)
{
	return cancel_is_asked(pusher->stop_fd);
}

/* To all of them: 1 sent somewhere, 0 all had it, -1 one has not got it. */
static int
send_parcel(struct pusher *pusher, struct parcel *parcel, const struct tree *tree)
{
	struct loaded load = {.fd = -1};
	int result = 0;

	for (size_t i = 0; i < pusher->caches->count; i++) {
		struct cache *cache = &pusher->caches->items[i];
		struct err err = {0};
		if (!cache->pushes) {
			continue;
		}
		int sent = caches_is_out(cache) || is_stopped(pusher)
				   ? -1
				   : send_to(pusher, cache, parcel, tree, &load, &err);
		if (sent < 0 && err.status && err.status != STATUS_INTERRUPTED) {
			caches_fail(pusher->caches, cache, &err);
		}
		result = sent < 0 || result < 0 ? -1 : sent > result ? sent : result;
	}
	loaded_done(&pusher->archives, &load);
	return result;
}

static int
deliver(struct pusher *pusher, struct parcel *parcel)
{
	struct tree tree = {0};

	if (parcel->with_tree) {
		if (store_get_tree(pusher->store, &parcel->statement.output, &tree, NULL) != 1) {
			return -1;
		}
		count_contents(&tree, &parcel->statement);
	}
	int result = send_parcel(pusher, parcel, &tree);
	tree_done(&tree);
	return result;
}

/* A tree that several actions put out is archived once, so one of them goes at a time. */
static bool
is_busy(const struct pusher *pusher, const struct parcel *parcel)
{
	for (size_t i = 0; parcel->with_tree && i < THREADS; i++) {
		const struct parcel *other = pusher->underway[i];
		if (other && other->with_tree &&
			digest_equal(&other->statement.output, &parcel->statement.output)) {
			return true;
		}
	}
	return false;
}

/* Under the lock: the first parcel that can go, out of the queue; NULL at the end. */
static struct parcel *
take(struct pusher *pusher)
{
	for (;;) {
		struct parcel **slot = &pusher->first;
		while (*slot && is_busy(pusher, *slot)) {
			slot = &(*slot)->next;
		}
		struct parcel *parcel = *slot;
		if (parcel) {
			*slot = parcel->next;
			pusher->last = parcel->next ? pusher->last : slot;
			return parcel;
		}
		if (pusher->is_ending && !pusher->first) {
			return NULL;
		}
		pthread_cond_wait(&pusher->changed, &pusher->mutex);
	}
}

static size_t
free_place(const struct pusher *pusher)
{
	size_t place = 0;

	while (pusher->underway[place]) {
		place++;
	}
	return place;
}

static void *
work(void *context)
{
	struct pusher *pusher = context;
	struct parcel *parcel;

	pthread_mutex_lock(&pusher->mutex);
	while ((parcel = take(pusher)) != NULL) {
		size_t place = free_place(pusher);
		pusher->underway[place] = parcel;
		pthread_mutex_unlock(&pusher->mutex);
		int result = deliver(pusher, parcel);
		pthread_mutex_lock(&pusher->mutex);
		pusher->underway[place] = NULL;
		free(parcel);
		pthread_cond_broadcast(&pusher->changed);
		pusher->result.sent += result > 0;
		pusher->result.there += result == 0;
		pusher->result.left += result < 0;
		if (--pusher->left == 0) {
			ring(pusher->idle_fd);
		}
	}
	pthread_mutex_unlock(&pusher->mutex);
	return NULL;
}

void
pusher_add(struct pusher *pusher, const struct record *record, bool with_tree)
{
	struct parcel *parcel = mem_zalloc(1, sizeof(*parcel));

	parcel->with_tree = with_tree;
	parcel->statement = (struct statement){
		.key = record->key,
		.output = record->output,
		.wall_ms = record->wall_ms,
		.user_ms = record->user_ms,
		.system_ms = record->system_ms,
		.peak_memory = record->peak_memory,
		.written_bytes = record->written_bytes,
		.finished = record->finished,
	};
	pthread_mutex_lock(&pusher->mutex);
	*pusher->last = parcel;
	pusher->last = &parcel->next;
	pusher->left++;
	if (pusher->thread_count < THREADS && pusher->thread_count < pusher->left &&
		pthread_create(&pusher->threads[pusher->thread_count], NULL, work, pusher) == 0) {
		pusher->thread_count++;
	}
	pthread_cond_signal(&pusher->changed);
	pthread_mutex_unlock(&pusher->mutex);
}

size_t
pusher_left(struct pusher *pusher)
{
	pthread_mutex_lock(&pusher->mutex);
	size_t left = pusher->left;
	pthread_mutex_unlock(&pusher->mutex);
	return left;
}

static void
await(struct pusher *pusher, uint64_t limit_ms, int cancel_fd)
{
	uint64_t deadline = clock_now_ms() + limit_ms, rung;
	struct pollfd polled[] = {{pusher->idle_fd, POLLIN, 0}, {cancel_fd, POLLIN, 0}};

	while (pusher_left(pusher) > 0) {
		uint64_t now = clock_now_ms();
		int wait = now >= deadline	    ? 0
			   : deadline - now > 60000 ? 60000
						    : (int)(deadline - now);
		int ready = poll(polled, 2, wait);
		if ((ready == 0 && now >= deadline) || (ready > 0 && polled[1].revents)) {
			ring(pusher->stop_fd);
			return;
		}
		(void)!read(pusher->idle_fd, &rung, sizeof(rung));
	}
}

static void
join(struct pusher *pusher)
{
	pthread_mutex_lock(&pusher->mutex);
	pusher->is_ending = true;
	pthread_cond_broadcast(&pusher->changed);
	pthread_mutex_unlock(&pusher->mutex);
	for (size_t i = 0; i < pusher->thread_count; i++) {
		pthread_join(pusher->threads[i], NULL);
	}
	/* No thread could be had for these. */
	while (pusher->first) {
		struct parcel *parcel = take(pusher);
		free(parcel);
		pusher->result.left++;
	}
	pusher->thread_count = 0;
}

struct push_result
pusher_finish(struct pusher *pusher, uint64_t limit_ms, int cancel_fd)
{
	if (pusher->thread_count) {
		await(pusher, limit_ms, cancel_fd);
	}
	join(pusher);
	return pusher->result;
}

void
pusher_free(struct pusher *pusher)
{
	if (!pusher) {
		return;
	}
	ring(pusher->stop_fd);
	join(pusher);
	archives_done(&pusher->archives);
	fs_close_slot(&pusher->stop_fd);
	fs_close_slot(&pusher->idle_fd);
	pthread_cond_destroy(&pusher->changed);
	pthread_mutex_destroy(&pusher->mutex);
	free(pusher->helper);
	free(pusher);
}
