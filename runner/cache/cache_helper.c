/* SPDX-License-Identifier: MIT */
/* cache-helper: does what remote.c asks for on descriptor 0 (the protocol stands there), with
 * libcurl, and touches no file but those that it is handed. Each worker has its own connections. */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "cache/cache_server.h"
#include "cache/exchange.h"
#include "cache/remote_address.h"
#include "fetch/backoff.h"
#include "fetch/fetch_confine.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	SOCKET = 0,
	MESSAGE_MOST = 160 * 1024,
	WORKERS = 8,
	STALL_MS = 30000,
};

/* A task in the queue or in a worker's hands. */
struct task {
	struct task *next;
	uint64_t id;
	char *message; /* the lines below live in it */
	char verb[8], sha256[DIGEST_HEX], needs[DIGEST_HEX];
	const char *address, *name;
	uint64_t size, needs_size;
	int fd;
	bool is_cancelled, is_taken;
};

struct helper {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct task *tasks; /* in the order in which they came */
	uint64_t backoff_ms, stall_ms;
};

/* A number from the environment: tests don't wait. */
static uint64_t
setting(const char *name, uint64_t fallback)
{
	const char *value = getenv(name);

	return value && *value ? strtoull(value, NULL, 10) : fallback;
}

static void
task_free(struct task *task)
{
	fs_close_slot(&task->fd);
	free(task->message);
	free(task);
}

static void
tell_end(const struct task *task, const struct err *err)
{
	cleanup_buf struct buf message = {0};
	ssize_t sent;

	buf_printf(&message, "end %" PRIu64 " %d %d\n%s", task->id, (int)err->status, err->number,
		err->text);
	do {
		sent = send(SOCKET, message.data, message.length, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
}

/* What a worker keeps from task to task. */
struct worker {
	struct client *client;
	char *token, *base; /* a registry's, and which one's; or NULL */
};

static int
perform(const struct task *task, struct worker *worker, struct err *err)
{
	struct remote_address address;

	if (remote_address_parse(task->address, &address, err) < 0) {
		return -1;
	}
	/* A token is one registry's; no other may see it. */
	if (worker->base && strcmp(worker->base, address.base) != 0) {
		free(worker->token);
		worker->token = NULL;
	}
	free(worker->base);
	worker->base = mem_strdup(address.base);
	struct server_task own = {
		.client = worker->client,
		.address = &address,
		.name = task->name,
		.fd = task->fd,
		.size = task->size,
		.sha256 = task->sha256[0] == '-' ? NULL : task->sha256,
		.needs = task->needs[0] ? task->needs : NULL,
		.needs_size = task->needs_size,
		.is_cancelled = &task->is_cancelled,
		.token = worker->token,
	};
	int result = strcmp(task->verb, "get") == 0   ? server_get(&own, err)
		     : strcmp(task->verb, "has") == 0 ? server_has(&own, err)
						      : server_put(&own, err);
	worker->token = own.token;
	remote_address_done(&address);
	return result;
}

/* Under the lock: the next task that nobody has taken. */
static struct task *
take(struct helper *helper)
{
	for (;;) {
		for (struct task *task = helper->tasks; task; task = task->next) {
			if (!task->is_taken) {
				task->is_taken = true;
				return task;
			}
		}
		pthread_cond_wait(&helper->changed, &helper->mutex);
	}
}

static void
drop(struct helper *helper, struct task *task)
{
	struct task **slot = &helper->tasks;

	while (*slot != task) {
		slot = &(*slot)->next;
	}
	*slot = task->next;
}

static void *
work(void *context)
{
	struct helper *helper = context;
	struct worker worker = {.client = client_new(helper->stall_ms, helper->backoff_ms)};

	pthread_mutex_lock(&helper->mutex);
	for (;;) {
		struct err err = {0};
		struct task *task = take(helper);
		pthread_mutex_unlock(&helper->mutex);
		if (!__atomic_load_n(&task->is_cancelled, __ATOMIC_RELAXED)) {
			(void)perform(task, &worker, &err);
			tell_end(task, &err);
		}
		pthread_mutex_lock(&helper->mutex);
		drop(helper, task);
		task_free(task);
	}
	return NULL;
}

/* The next line of the message, ended by a NUL instead; NULL where there is none. */
static char *
next_line(char **at)
{
	char *line = *at, *end = line ? strchr(line, '\n') : NULL;

	if (!end) {
		return NULL;
	}
	*end = '\0';
	*at = end + 1;
	return line;
}

/* Takes fd. What is not of the form comes from nobody that we know. */
static void
begin(struct helper *helper, const char *text, int fd)
{
	struct task *task = mem_zalloc(1, sizeof(*task));

	task->fd = fd;
	task->message = mem_strdup(text);
	char *at = task->message, *first = next_line(&at);
	task->address = next_line(&at);
	task->name = next_line(&at);
	if (!first || !task->address || !task->name || !strchr(task->name, '/') ||
		sscanf(first, "%7s %" SCNu64 " %64s %" SCNu64, task->verb, &task->id, task->sha256,
			&task->size) != 4) {
		exit(STATUS_USAGE);
	}
	if (sscanf(at, "%64s %" SCNu64, task->needs, &task->needs_size) != 2) {
		task->needs[0] = '\0';
	}
	pthread_mutex_lock(&helper->mutex);
	struct task **slot = &helper->tasks;
	while (*slot) {
		slot = &(*slot)->next;
	}
	*slot = task;
	pthread_cond_signal(&helper->changed);
	pthread_mutex_unlock(&helper->mutex);
}

static void
cancel(struct helper *helper, uint64_t id)
{
	pthread_mutex_lock(&helper->mutex);
	for (struct task *task = helper->tasks; task; task = task->next) {
		if (task->id == id) {
			__atomic_store_n(&task->is_cancelled, true, __ATOMIC_RELAXED);
		}
	}
	pthread_mutex_unlock(&helper->mutex);
}

/* One message and the descriptor that came with it; false when the other side has hung up. */
static bool
receive(char *message, int *ret_fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = {message, MESSAGE_MOST};
	struct msghdr header = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got;

	do {
		got = recvmsg(SOCKET, &header, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got <= 0) {
		return false;
	}
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&header);
	*ret_fd = -1;
	if (cmsg && cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_RIGHTS) {
		memcpy(ret_fd, CMSG_DATA(cmsg), sizeof(*ret_fd));
	}
	message[got] = '\0';
	return true;
}

static void
serve(struct helper *helper)
{
	static char message[MESSAGE_MOST + 1];
	uint64_t id;
	int fd;

	while (receive(message, &fd)) {
		if (sscanf(message, "cancel %" SCNu64, &id) == 1) {
			fs_close_slot(&fd);
			cancel(helper, id);
		} else {
			begin(helper, message, fd);
		}
	}
}

int
main(void)
{
	static struct helper helper = {
		.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
	struct err err = {0};
	pthread_t thread;

	if (fetch_confine(&err) < 0) {
		fprintf(stderr, "cache-helper: %s\n", err.text);
		return err.status;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
		return STATUS_STORE;
	}
	helper.backoff_ms = setting("BRUN_FETCH_BACKOFF_MS", BACKOFF_MS);
	helper.stall_ms = setting("BRUN_FETCH_STALL_MS", STALL_MS);
	for (int i = 0; i < WORKERS; i++) {
		if (pthread_create(&thread, NULL, work, &helper) != 0) {
			return STATUS_STORE;
		}
	}
	serve(&helper);
	/* Nobody waits for what the workers have in hand. */
	_exit(STATUS_OK);
}
