/* SPDX-License-Identifier: MIT */
#include "fetch/courier.h"

#include "base/fs.h"
#include "base/mem.h"
#include "fetch/fetch.h"
#include "host/helper.h"
#include "text/printable.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STARTS_MOST = 2 };

struct courier {
	char *helper;
	pthread_mutex_t lock; /* for all that follows but the thread's own */
	pthread_t thread;
	bool has_thread, is_ending;
	int wake_fd; /* eventfd: there is news for the thread */
	uint64_t last_id;
	struct request *requests;
	struct buf cancelled; /* uint64_t ids that the helper need not go on with */
	/* the thread's own */
	int socket_fd; /* -1: no helper runs */
	pid_t pid;
};

struct courier *
courier_new(const char *helper)
{
	struct courier *courier = mem_zalloc(1, sizeof(*courier));

	courier->helper = mem_strdup(helper);
	courier->wake_fd = -1;
	courier->socket_fd = -1;
	pthread_mutex_init(&courier->lock, NULL);
	return courier;
}

static void
ring(int event_fd)
{
	const uint64_t one = 1;

	/* Fails only where it has rung 2^64 - 2 times. */
	(void)!write(event_fd, &one, sizeof(one));
}

static void
end_request(struct request *request, enum status status, int number, const char *text)
{
	cleanup_free char *shown = printable_text(text);

	if (status != STATUS_OK) {
		err_fail(&request->err, status, "%s", shown);
		request->err.number = number;
	}
	request->has_ended = true;
	ring(request->ended_fd);
}

static struct request *
find_request(struct courier *courier, uint64_t id)
{
	struct request *request = courier->requests;

	while (request && request->id != id) {
		request = request->next;
	}
	return request && !request->has_ended ? request : NULL;
}

static int
start_helper(struct courier *courier, struct err *err)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		return err_set(err, errno, "socketpair");
	}
	const char *argv[] = {courier->helper, NULL};
	int fds[] = {ends[1], STDERR_FILENO, STDERR_FILENO};
	int result = helper_start(argv, fds, 3, &courier->pid, err);
	close(ends[1]);
	if (result < 0) {
		close(ends[0]);
		return -1;
	}
	courier->socket_fd = ends[0];
	return 0;
}

static int
send_message(int socket_fd, const void *data, size_t length, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec part = {(void *)data, length};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};

	if (fd >= 0) {
		header.msg_control = &control;
		header.msg_controllen = sizeof(control);
		struct cmsghdr *cmsg = CMSG_FIRSTHDR(&header);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	}
	ssize_t sent;
	do {
		sent = sendmsg(socket_fd, &header, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -1 : 0;
}

/* A packet that can't be sent means that the helper is dead: its socket will tell. */
static void
send_request(struct courier *courier, struct request *request)
{
	struct err err = {0};

	if (courier->socket_fd < 0 && start_helper(courier, &err) < 0) {
		end_request(request, err.status, err.number, err.text);
		return;
	}
	request->is_sent = true;
	request->starts++;
	(void)send_message(
		courier->socket_fd, request->message.data, request->message.length, request->fd);
}

static void
send_news(struct courier *courier)
{
	char text[48];

	for (size_t at = 0; at < courier->cancelled.length; at += sizeof(uint64_t)) {
		uint64_t id;
		memcpy(&id, courier->cancelled.data + at, sizeof(id));
		int length = snprintf(text, sizeof(text), "cancel %" PRIu64 "\n", id);
		if (courier->socket_fd >= 0) {
			(void)send_message(courier->socket_fd, text, (size_t)length, -1);
		}
	}
	courier->cancelled.length = 0;
	for (struct request *request = courier->requests; request; request = request->next) {
		if (!request->is_sent && !request->has_ended) {
			send_request(courier, request);
		}
	}
}

/* The helper is gone: its work is for the next one, or has failed. */
static void
bury_helper(struct courier *courier)
{
	char how[64], text[160];

	helper_end(courier->pid, how);
	close(courier->socket_fd);
	courier->socket_fd = -1;
	snprintf(text, sizeof(text), "the helper died twice over it (%s)", how);
	for (struct request *request = courier->requests; request; request = request->next) {
		if (!request->is_sent || request->has_ended) {
			continue;
		}
		if (request->starts < STARTS_MOST) {
			request->is_sent = false;
		} else {
			end_request(request, STATUS_SOURCE, 0, text);
		}
	}
	send_news(courier);
}

static void
take_progress(struct courier *courier, const char *words, const char *text)
{
	struct fetch_progress progress;
	uint64_t id;
	cleanup_free char *url = printable_text(text);

	if (sscanf(words, "progress %" SCNu64 " %" SCNu64 " %" SCNu64, &id, &progress.done,
		    &progress.total) != 3) {
		return;
	}
	struct request *request = find_request(courier, id);
	if (request && request->progress) {
		progress.url = url;
		request->progress(request->context, &progress);
	}
}

static void
take_end(struct courier *courier, const char *words, const char *text)
{
	uint64_t id;
	int status, number;

	if (sscanf(words, "end %" SCNu64 " %d %d", &id, &status, &number) != 3 ||
		status < STATUS_OK || status > STATUS_UNPACKABLE) {
		return;
	}
	struct request *request = find_request(courier, id);
	if (request) {
		end_request(request, (enum status)status, number, text);
	}
}

/* false when the helper has hung up. */
static bool
take_message(struct courier *courier, char *message)
{
	ssize_t got = recv(courier->socket_fd, message, COURIER_MESSAGE_MOST, 0);

	if (got < 0 && errno == EINTR) {
		return true;
	}
	if (got <= 0) {
		return false;
	}
	message[got] = '\0';
	char *text = strchr(message, '\n');
	if (text) {
		*text++ = '\0';
		if (strncmp(message, "progress ", 9) == 0) {
			take_progress(courier, message, text);
		} else {
			take_end(courier, message, text);
		}
	}
	return true;
}

static void *
run(void *context)
{
	struct courier *courier = context;
	cleanup_free char *message = mem_alloc(COURIER_MESSAGE_MOST + 1);
	bool is_ending = false;

	while (!is_ending) {
		struct pollfd polled[] = {
			{courier->wake_fd, POLLIN, 0}, {courier->socket_fd, POLLIN, 0}};
		if (poll(polled, 2, -1) < 0) {
			continue; /* EINTR; every signal is blocked but those that stop us */
		}
		pthread_mutex_lock(&courier->lock);
		if (polled[1].revents && !take_message(courier, message)) {
			bury_helper(courier);
		}
		if (polled[0].revents) {
			uint64_t rung;
			(void)!read(courier->wake_fd, &rung, sizeof(rung));
			send_news(courier);
		}
		is_ending = courier->is_ending;
		pthread_mutex_unlock(&courier->lock);
	}
	return NULL;
}

/* Under the lock. Signals are for the threads that know what they mean. */
static int
start_thread(struct courier *courier, struct err *err)
{
	sigset_t all, before;

	if (courier->has_thread) {
		return 0;
	}
	if (courier->wake_fd < 0) {
		courier->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	}
	if (courier->wake_fd < 0) {
		return err_set(err, errno, "eventfd");
	}
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int number = pthread_create(&courier->thread, NULL, run, courier);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	courier->has_thread = number == 0;
	return number ? err_set(err, number, "starting a thread") : 0;
}

void
courier_free(struct courier *courier)
{
	char how[64];

	if (courier->has_thread) {
		pthread_mutex_lock(&courier->lock);
		courier->is_ending = true;
		pthread_mutex_unlock(&courier->lock);
		ring(courier->wake_fd);
		pthread_join(courier->thread, NULL);
	}
	if (courier->socket_fd >= 0) {
		close(courier->socket_fd);
		helper_end(courier->pid, how);
	}
	fs_close_slot(&courier->wake_fd);
	pthread_mutex_destroy(&courier->lock);
	buf_done(&courier->cancelled);
	free(courier->helper);
	free(courier);
}

static int
enter(struct courier *courier, struct request *request, struct err *err)
{
	pthread_mutex_lock(&courier->lock);
	int result = start_thread(courier, err);
	if (result == 0) {
		request->next = courier->requests;
		courier->requests = request;
		ring(courier->wake_fd);
	}
	pthread_mutex_unlock(&courier->lock);
	return result;
}

/* After this the courier knows the request no more. */
static void
leave(struct courier *courier, struct request *request)
{
	pthread_mutex_lock(&courier->lock);
	struct request **slot = &courier->requests;
	while (*slot != request) {
		slot = &(*slot)->next;
	}
	*slot = request->next;
	if (!request->has_ended) {
		buf_add(&courier->cancelled, &request->id, sizeof(request->id));
		ring(courier->wake_fd);
	}
	pthread_mutex_unlock(&courier->lock);
}

static int
wait_for(struct courier *courier, struct request *request, int cancel_fd, struct err *err)
{
	struct pollfd polled[] = {{request->ended_fd, POLLIN, 0}, {cancel_fd, POLLIN, 0}};
	int result;

	if (enter(courier, request, err) < 0) {
		return -1;
	}
	do {
		result = poll(polled, 2, -1);
	} while (result < 0 && errno == EINTR);
	leave(courier, request);
	if (!request->has_ended) {
		return err_fail(err, STATUS_INTERRUPTED, "fetching was stopped");
	}
	if (request->err.status != STATUS_OK && err) {
		*err = request->err;
	}
	return request->err.status == STATUS_OK ? 0 : -1;
}

int
courier_carry(struct courier *courier, struct request *request, int cancel_fd, struct err *err)
{
	cleanup_fd int ended_fd = eventfd(0, EFD_CLOEXEC);

	if (ended_fd < 0) {
		return err_set(err, errno, "eventfd");
	}
	pthread_mutex_lock(&courier->lock);
	request->id = ++courier->last_id;
	pthread_mutex_unlock(&courier->lock);
	buf_printf(&request->message, "%s %" PRIu64 " %s %" PRIu64 "\n%s", request->verb,
		request->id, request->wanted, request->limit, request->addresses);
	request->ended_fd = ended_fd;
	int result = request->message.length < COURIER_MESSAGE_MOST
			     ? wait_for(courier, request, cancel_fd, err)
			     : err_fail(err, STATUS_RECIPE, "%zu bytes of addresses for one file",
				       strlen(request->addresses));
	buf_done(&request->message);
	return result;
}
