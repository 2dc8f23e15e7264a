/* SPDX-License-Identifier: MIT */
/* Uploads to an OCI registry ("Pushing blobs" of the distribution specification): a blob of usual
 * size in one PUT, a larger one in chunks, one PATCH each. Where a chunk breaks off the registry is
 * asked how far it got, and that is where it goes on. */
#include "cache/cache_server.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "cache/exchange.h"
#include "cache/remote_address.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* So many chunks in a row may bring nothing. */
enum { TRIES = 4 };

#define cleanup_answer __attribute__((cleanup(answer_done)))

static const char octets[] = "Content-Type: application/octet-stream";

struct upload {
	struct server_task *task;
	char *place; /* where it goes on, in full */
	int fd;
	const char *body;
	uint64_t size, sent;
};

/* The origin of a URL: scheme, host and port. */
static size_t
origin_length(const char *url)
{
	const char *host = strstr(url, "://");

	return host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : 0;
}

/* Where the registry wants what comes next: a path, or a whole address of its own origin. Elsewhere
 * it would go without a password, or take one there. */
static int
go_to(struct upload *upload, const char *location, struct err *err)
{
	const char *base = upload->task->address->base;
	size_t origin = origin_length(base);

	if (!location || (location[0] != '/' && (strncasecmp(location, base, origin) != 0 ||
							origin_length(location) != origin))) {
		return err_fail(err, STATUS_SOURCE, "the registry wants uploads at another host");
	}
	/* It may be the place where we are. */
	char *place = mem_printf("%.*s%s", location[0] == '/' ? (int)origin : 0, base, location);
	free(upload->place);
	upload->place = place;
	return 0;
}

static int
begin(struct upload *upload, struct err *err)
{
	cleanup_answer struct answer answer = {0};
	cleanup_free char *url = mem_printf("%s/blobs/uploads/", upload->task->address->base);
	const struct exchange exchange = {
		.method = EXCHANGE_POST, .url = url, .body_fd = -1, .sink_fd = -1};

	if (oci_ask(upload->task, exchange, &answer, err) < 0) {
		return -1;
	}
	return answer.status == 202 ? go_to(upload, answer.location, err)
				    : server_refused(url, answer.status, err);
}

/* The last PUT: with all of the bytes, or, after chunks, with none. */
static int
end(struct upload *upload, bool has_body, const char *sha256, struct err *err)
{
	static const char *const headers[] = {octets, NULL};
	cleanup_answer struct answer answer = {0};
	cleanup_free char *url = mem_printf("%s%cdigest=sha256:%s", upload->place,
		strchr(upload->place, '?') ? '&' : '?', sha256);
	const struct exchange exchange = {
		.method = EXCHANGE_PUT,
		.url = url,
		.headers = headers,
		.body_fd = has_body ? upload->fd : -1,
		.body = upload->body,
		.body_size = has_body ? upload->size : 0,
		.sink_fd = -1,
	};

	if (oci_ask(upload->task, exchange, &answer, err) < 0) {
		return -1;
	}
	return answer.status == 201 ? 0 : server_refused(upload->place, answer.status, err);
}

/* "Range: 0-N" says that N + 1 bytes are there; "0-0" that it is none, or one. */
static void
take_range(struct upload *upload, const char *range, uint64_t otherwise)
{
	uint64_t last;

	if (range && sscanf(range, "0-%" SCNu64, &last) == 1 && last < upload->size) {
		upload->sent = last ? last + 1 : 0;
	} else {
		upload->sent = otherwise;
	}
}

static int
send_chunk(struct upload *upload, struct err *err)
{
	cleanup_answer struct answer answer = {0};
	uint64_t left = upload->size - upload->sent, part = server_part_bytes();
	uint64_t size = left < part ? left : part;
	cleanup_free char *range = mem_printf(
		"Content-Range: %" PRIu64 "-%" PRIu64, upload->sent, upload->sent + size - 1);
	const char *const headers[] = {octets, range, NULL};
	const struct exchange exchange = {
		.method = EXCHANGE_PATCH,
		.url = upload->place,
		.headers = headers,
		.body_fd = upload->fd,
		.body_start = upload->sent,
		.body_size = size,
		.sink_fd = -1,
		.is_asked_once = true,
	};

	if (oci_ask(upload->task, exchange, &answer, err) < 0) {
		return -1;
	}
	if (answer.status < 200 || answer.status > 299) {
		return server_refused(upload->place, answer.status, err);
	}
	take_range(upload, answer.range, upload->sent + size);
	return go_to(upload, answer.location ? answer.location : upload->place, err);
}

static int
find_out(struct upload *upload, struct err *err)
{
	cleanup_answer struct answer answer = {0};
	const struct exchange exchange = {.url = upload->place, .body_fd = -1, .sink_fd = -1};

	if (oci_ask(upload->task, exchange, &answer, err) < 0) {
		return -1;
	}
	if (answer.status < 200 || answer.status > 299) {
		return server_refused(upload->place, answer.status, err);
	}
	take_range(upload, answer.range, 0);
	return go_to(upload, answer.location ? answer.location : upload->place, err);
}

static int
send_chunks(struct upload *upload, struct err *err)
{
	uint64_t best = 0;
	int tries = 0;

	while (upload->sent < upload->size) {
		struct err why = {0}, lost = {0};
		bool is_sent = send_chunk(upload, &why) == 0;
		if (!is_sent && (why.status == STATUS_INTERRUPTED || find_out(upload, &lost) < 0)) {
			*err = why;
			return -1;
		}
		tries = upload->sent > best ? 0 : tries + 1;
		best = upload->sent > best ? upload->sent : best;
		if (tries == TRIES) {
			return is_sent ? err_fail(err, STATUS_SOURCE,
						 "the registry takes no more of an upload")
				       : (*err = why, -1);
		}
	}
	return 0;
}

static int
put_once(struct upload *upload, const char *sha256, struct err *err)
{
	bool is_large = upload->fd >= 0 && upload->size > server_part_bytes();

	upload->sent = 0;
	if (begin(upload, err) < 0 || (is_large && send_chunks(upload, err) < 0)) {
		return -1;
	}
	return end(upload, !is_large, sha256, err);
}

/* What broke off can't be put to the same place again: a second time begins anew. */
int
oci_put_blob(struct server_task *task, int fd, const char *body, uint64_t size, const char *sha256,
	struct err *err)
{
	struct upload upload = {.task = task, .fd = fd, .body = body, .size = size};
	struct err why = {0};
	int result = put_once(&upload, sha256, &why);

	if (result < 0) {
		result = put_once(&upload, sha256, err);
	}
	free(upload.place);
	return result;
}
