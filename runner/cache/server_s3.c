/* SPDX-License-Identifier: MIT */
/* A large object in parts (CreateMultipartUpload, UploadPart, CompleteMultipartUpload of the S3
 * API): each part is asked again by itself where the way is bad, and the whole may be larger than
 * what one PUT takes. What fails is taken back: S3 keeps, and bills, parts without an end. */
#include "cache/cache_server.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "cache/exchange.h"
#include "cache/remote_address.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PARTS_MOST = 10000, CHUNK = 256 * 1024 };

#define cleanup_answer __attribute__((cleanup(answer_done)))

struct parts {
	struct server_task *task;
	char *url, *id; /* of the object; of the upload, as it stands in a query */
	uint64_t part_bytes;
	struct buf list; /* what completes it */
};

/* What stands in <name>…</name>, as it stands there; the caller frees. */
static char *
element(const char *xml, const char *name)
{
	cleanup_free char *start = mem_printf("<%s>", name);
	const char *at = strstr(xml, start);

	at = at ? at + strlen(start) : NULL;
	return at && at[strcspn(at, "<")] ? mem_strndup(at, strcspn(at, "<")) : NULL;
}

static char *
escaped(const char *text)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
	struct buf escaped = {0};

	for (; *text; text++) {
		if (strchr(plain, *text)) {
			buf_putc(&escaped, *text);
		} else {
			buf_printf(&escaped, "%%%02X", (unsigned char)*text);
		}
	}
	return buf_take(&escaped);
}

static int
not_understood(const struct parts *parts, struct err *err)
{
	return err_fail(
		err, STATUS_SOURCE, "%s: an answer to an upload in parts that is none", parts->url);
}

static int
begin(struct parts *parts, struct err *err)
{
	cleanup_answer struct answer answer = {0};
	/* "uploads" with its "=": that is how it is signed. */
	cleanup_free char *url = mem_printf("%s?uploads=", parts->url);
	const struct exchange exchange = {
		.method = EXCHANGE_POST, .url = url, .body_fd = -1, .sink_fd = -1};

	if (s3_ask(parts->task, exchange, NULL, &answer, err) < 0) {
		return -1;
	}
	if (answer.status != 200) {
		return server_refused(parts->url, answer.status, err);
	}
	cleanup_free char *id = element(buf_text(&answer.text), "UploadId");
	if (!id || !*id) {
		return not_understood(parts, err);
	}
	parts->id = escaped(id);
	return 0;
}

static int
hash_part(int fd, uint64_t start, uint64_t size, struct digest *ret_digest, struct err *err)
{
	cleanup_free char *chunk = mem_alloc(CHUNK);
	struct sha256 hash;

	sha256_init(&hash);
	while (size > 0) {
		ssize_t got = pread(fd, chunk, size < CHUNK ? (size_t)size : CHUNK, (off_t)start);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			sha256_done(&hash);
			return err_set(err, got < 0 ? errno : ENODATA, "reading an archive");
		}
		sha256_update(&hash, chunk, (size_t)got);
		start += (uint64_t)got;
		size -= (uint64_t)got;
	}
	*ret_digest = sha256_final(&hash);
	return 0;
}

static int
put_part(struct parts *parts, unsigned number, uint64_t start, uint64_t size, struct err *err)
{
	cleanup_answer struct answer answer = {0};
	cleanup_free char *url =
		mem_printf("%s?partNumber=%u&uploadId=%s", parts->url, number, parts->id);
	struct digest digest;
	char hex[DIGEST_HEX];
	const struct exchange exchange = {
		.method = EXCHANGE_PUT,
		.url = url,
		.body_fd = parts->task->fd,
		.body_start = start,
		.body_size = size,
		.sink_fd = -1,
	};

	if (hash_part(parts->task->fd, start, size, &digest, err) < 0 ||
		s3_ask(parts->task, exchange, digest_hex(&digest, hex), &answer, err) < 0) {
		return -1;
	}
	if (answer.status != 200) {
		return server_refused(parts->url, answer.status, err);
	}
	if (!answer.etag || strpbrk(answer.etag, "<>&")) {
		return not_understood(parts, err);
	}
	buf_printf(&parts->list, "<Part><PartNumber>%u</PartNumber><ETag>%s</ETag></Part>", number,
		answer.etag);
	return 0;
}

static int
put_all(struct parts *parts, struct err *err)
{
	uint64_t size = parts->task->size;
	unsigned number = 0;

	buf_puts(&parts->list,
		"<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
	for (uint64_t start = 0; start < size; start += parts->part_bytes) {
		uint64_t left = size - start;
		uint64_t part = left < parts->part_bytes ? left : parts->part_bytes;
		if (put_part(parts, ++number, start, part, err) < 0) {
			return -1;
		}
	}
	buf_puts(&parts->list, "</CompleteMultipartUpload>");
	return 0;
}

/* It may be refused behind a good status: it takes S3 long, so that comes first. */
static int
complete(struct parts *parts, struct err *err)
{
	cleanup_answer struct answer answer = {0};
	cleanup_free char *url = mem_printf("%s?uploadId=%s", parts->url, parts->id);
	const struct digest digest = sha256_of(parts->list.data, parts->list.length);
	char hex[DIGEST_HEX];
	const struct exchange exchange = {
		.method = EXCHANGE_POST,
		.url = url,
		.body_fd = -1,
		.body = parts->list.data,
		.body_size = parts->list.length,
		.sink_fd = -1,
	};

	if (s3_ask(parts->task, exchange, digest_hex(&digest, hex), &answer, err) < 0) {
		return -1;
	}
	if (answer.status != 200) {
		return server_refused(parts->url, answer.status, err);
	}
	return strstr(buf_text(&answer.text), "<Error>") ? not_understood(parts, err) : 0;
}

/* Also where the upload was cancelled; asked once, for somebody may be waiting for the end. */
static void
take_back(struct parts *parts)
{
	struct server_task task = *parts->task;
	cleanup_answer struct answer answer = {0};
	cleanup_free char *url = mem_printf("%s?uploadId=%s", parts->url, parts->id);
	const struct exchange exchange = {.method = EXCHANGE_DELETE,
		.url = url,
		.body_fd = -1,
		.sink_fd = -1,
		.is_asked_once = true};
	struct err err = {0};

	task.is_cancelled = NULL;
	(void)s3_ask(&task, exchange, NULL, &answer, &err);
}

int
s3_put_parts(struct server_task *task, struct err *err)
{
	uint64_t least = (task->size + PARTS_MOST - 1) / PARTS_MOST, usual = server_part_bytes();
	struct parts parts = {
		.task = task,
		.url = mem_printf("%s/%s", task->address->base, task->name),
		.part_bytes = least > usual ? least : usual,
	};
	int result = begin(&parts, err);

	if (result == 0) {
		result = put_all(&parts, err) < 0 ? -1 : complete(&parts, err);
		if (result < 0) {
			take_back(&parts);
		}
	}
	buf_done(&parts.list);
	free(parts.url);
	free(parts.id);
	return result;
}
