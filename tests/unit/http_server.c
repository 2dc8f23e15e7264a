/* SPDX-License-Identifier: MIT */
#include "http_server.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SILENT_MOST = 32 };

struct http_server {
	int listen_fd, stop_fd;
	unsigned port;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t asked;
	struct buf log;
	unsigned questions;
	int silent[SILENT_MOST]; /* connections that are kept open and say nothing more */
	size_t silent_count;
};

/* One question. */
struct question {
	int fd;
	char path[256];
	long from;	/* the range's start, -1: none */
	unsigned times; /* how often this path was asked before */
};

unsigned char
http_content(size_t i)
{
	return (unsigned char)(i * 131 + (i >> 8) * 7);
}

static void
say(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* Bytes from..to of the content; `change` is added to each. False when nobody listens any more. */
static bool
send_content(int fd, size_t from, size_t to, unsigned change)
{
	unsigned char chunk[16384];

	while (from < to) {
		size_t length = to - from < sizeof(chunk) ? to - from : sizeof(chunk);
		for (size_t i = 0; i < length; i++) {
			chunk[i] = (unsigned char)(http_content(from + i) + change);
		}
		if (send(fd, chunk, length, MSG_NOSIGNAL) != (ssize_t)length) {
			return false;
		}
		from += length;
	}
	return true;
}

/* Promises all from `from`, keeps the promise up to `to`. */
static void
answer(int fd, size_t from, size_t to, size_t size, unsigned change)
{
	char head[256];

	if (from > 0) {
		snprintf(head, sizeof(head),
			"HTTP/1.1 206 Partial\r\nConnection: close\r\nContent-Length: %zu\r\n"
			"Content-Range: bytes %zu-%zu/%zu\r\n\r\n",
			size - from, from, size - 1, size);
	} else {
		snprintf(head, sizeof(head),
			"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
			size);
	}
	say(fd, head);
	send_content(fd, from, to, change);
}

static void
answer_cut(const struct question *question)
{
	size_t from = question->from > 0 ? (size_t)question->from : 0;
	bool is_first = question->times == 0;

	if (strcmp(question->path, "/cut") == 0) {
		answer(question->fd, from, from ? HTTP_CONTENT : HTTP_CONTENT / 2, HTTP_CONTENT, 0);
	} else if (strcmp(question->path, "/cut-whole") == 0) {
		answer(question->fd, 0, is_first ? HTTP_CONTENT / 2 : HTTP_CONTENT, HTTP_CONTENT,
			0);
	} else if (strcmp(question->path, "/cut-mixed") == 0) {
		answer(question->fd, from, is_first ? HTTP_CONTENT / 2 : HTTP_CONTENT, HTTP_CONTENT,
			from ? 1 : 0);
	} else {
		answer(question->fd, from, from + 100, HTTP_CONTENT, 0);
	}
}

static void
answer_bad_range(const struct question *question)
{
	if (question->from > 0) {
		say(question->fd,
			"HTTP/1.1 206 Partial\r\nConnection: close\r\nContent-Length: 5\r\n"
			"Content-Range: bytes 7-11/100000\r\n\r\n12345");
	} else {
		answer(question->fd, 0, question->times ? HTTP_CONTENT : HTTP_CONTENT / 2,
			HTTP_CONTENT, 0);
	}
}

static void
answer_redirect(const struct question *question)
{
	char head[512];

	snprintf(head, sizeof(head),
		"HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n",
		question->path + strlen("/to="));
	say(question->fd, head);
}

static void
answer_endless(const struct question *question)
{
	say(question->fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	do {
		say(question->fd, "4000\r\n");
	} while (send_content(question->fd, 0, 0x4000, 0) &&
		 send(question->fd, "\r\n", 2, MSG_NOSIGNAL) == 2);
}

/* Answers that are one and the same text; NULL for other paths. */
static const char *
fixed_answer(const struct question *question)
{
	if (strncmp(question->path, "/busy-", 6) == 0 &&
		question->times < strtoul(question->path + 6, NULL, 10)) {
		return "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 4\r\n"
		       "Connection: close\r\n\r\nbusy";
	}
	if (strcmp(question->path, "/gone-for-now") == 0) {
		return "HTTP/1.1 429 Slow down\r\nRetry-After: 3600\r\nContent-Length: 0\r\n"
		       "Connection: close\r\n\r\n";
	}
	if (strcmp(question->path, "/empty") == 0) {
		return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	}
	if (strcmp(question->path, "/missing") == 0) {
		return "HTTP/1.1 404 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";
	}
	return NULL;
}

/* False: the connection is to stay open, in silence. */
static bool
answer_question(const struct question *question)
{
	const char *path = question->path, *fixed = fixed_answer(question);
	bool is_drip = strcmp(path, "/drip") == 0 ||
		       (strcmp(path, "/drip-once") == 0 && question->times == 0);

	if (fixed) {
		say(question->fd, fixed);
	} else if (strncmp(path, "/cut", 4) == 0) {
		answer_cut(question);
	} else if (strncmp(path, "/to=", 4) == 0) {
		answer_redirect(question);
	} else if (strcmp(path, "/bad-range") == 0) {
		answer_bad_range(question);
	} else if (strcmp(path, "/endless") == 0) {
		answer_endless(question);
	} else if (strcmp(path, "/close") == 0) {
		say(question->fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
		send_content(question->fd, 0, HTTP_CONTENT, 0);
	} else if (is_drip) {
		answer(question->fd, 0, 10, HTTP_CONTENT, 0);
	} else {
		size_t size = strcmp(path, "/big") == 0 ? HTTP_BIG : HTTP_CONTENT;
		answer(question->fd, 0, size, size, strcmp(path, "/wrong") == 0);
	}
	return !is_drip;
}

static bool
read_question(int fd, struct question *question)
{
	char text[4096], *range;
	size_t length = 0;

	do {
		ssize_t got = recv(fd, text + length, sizeof(text) - 1 - length, 0);
		if (got <= 0) {
			return false;
		}
		length += (size_t)got;
		text[length] = '\0';
	} while (!strstr(text, "\r\n\r\n") && length < sizeof(text) - 1);
	*question = (struct question){.fd = fd, .from = -1};
	range = strstr(text, "\r\nRange: bytes=");
	if (range) {
		question->from = strtol(range + strlen("\r\nRange: bytes="), NULL, 10);
	}
	return sscanf(text, "GET %255s", question->path) == 1;
}

/* Writes the question down. */
static void
remember(struct http_server *server, struct question *question)
{
	cleanup_free char *line = mem_printf("%s ", question->path);

	pthread_mutex_lock(&server->lock);
	for (const char *at = buf_text(&server->log); at; at = strchr(at, '\n')) {
		at += *at == '\n';
		question->times += strncmp(at, line, strlen(line)) == 0;
	}
	buf_printf(&server->log, "%s %ld\n", question->path, question->from);
	server->questions++;
	pthread_cond_broadcast(&server->asked);
	pthread_mutex_unlock(&server->lock);
}

static void
serve_one(struct http_server *server, int fd)
{
	struct question question;
	bool is_over = true;

	if (read_question(fd, &question)) {
		remember(server, &question);
		is_over = answer_question(&question);
	}
	if (is_over || server->silent_count == SILENT_MOST) {
		/* Unread input would turn the close into a reset that takes the answer with it. */
		shutdown(fd, SHUT_WR);
		close(fd);
	} else {
		server->silent[server->silent_count++] = fd;
	}
}

static void *
serve(void *context)
{
	struct http_server *server = context;
	struct pollfd polled[] = {{server->listen_fd, POLLIN, 0}, {server->stop_fd, POLLIN, 0}};

	while (poll(polled, 2, -1) >= 0 && !polled[1].revents) {
		int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0) {
			serve_one(server, fd);
		}
	}
	return NULL;
}

struct http_server *
http_server_new(void)
{
	struct http_server *server = mem_zalloc(1, sizeof(*server));
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);

	server->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	server->stop_fd = eventfd(0, EFD_CLOEXEC);
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->asked, NULL);
	if (bind(server->listen_fd, (struct sockaddr *)&address, length) < 0 ||
		listen(server->listen_fd, 64) < 0 ||
		getsockname(server->listen_fd, (struct sockaddr *)&address, &length) < 0 ||
		pthread_create(&server->thread, NULL, serve, server) != 0) {
		abort();
	}
	server->port = ntohs(address.sin_port);
	return server;
}

void
http_server_free(struct http_server *server)
{
	const uint64_t one = 1;

	(void)!write(server->stop_fd, &one, sizeof(one));
	pthread_join(server->thread, NULL);
	for (size_t i = 0; i < server->silent_count; i++) {
		close(server->silent[i]);
	}
	close(server->listen_fd);
	close(server->stop_fd);
	pthread_cond_destroy(&server->asked);
	pthread_mutex_destroy(&server->lock);
	buf_done(&server->log);
	free(server);
}

char *
http_server_url(struct http_server *server, const char *name)
{
	return mem_printf("http://127.0.0.1:%u/%s", server->port, name);
}

char *
http_server_log(struct http_server *server)
{
	pthread_mutex_lock(&server->lock);
	char *log = mem_strdup(buf_text(&server->log));
	pthread_mutex_unlock(&server->lock);
	return log;
}

void
http_server_wait(struct http_server *server, unsigned questions)
{
	pthread_mutex_lock(&server->lock);
	while (server->questions < questions) {
		pthread_cond_wait(&server->asked, &server->lock);
	}
	pthread_mutex_unlock(&server->lock);
}
