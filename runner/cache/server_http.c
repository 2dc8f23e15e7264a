/* SPDX-License-Identifier: MIT */
/* Plain HTTP in the layout of Bazel's HTTP cache, which nginx's WebDAV module and bazel-remote
 * speak: GET, HEAD and PUT of BASE/ac/HEX and BASE/cas/HEX. S3 is the same with a signature. */
#include "cache/cache_server.h"

#include "base/err.h"
#include "base/mem.h"
#include "cache/exchange.h"
#include "cache/remote_address.h"
#include "fetch/address.h"

#include <curl/curlver.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* S3 takes 5 GB in one piece, and pieces of 5 MB at least. */
enum { PART_BYTES = 64 << 20 };

/* SHA-256 of nothing. */
static const char empty_sha256[] =
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

int
server_refused(const char *url, long status, struct err *err)
{
	cleanup_free char *shown = address_shown(url);

	err_fail(err, STATUS_SOURCE, "%s: HTTP %ld", shown, status);
	if (status == 404 || status == 410) {
		err->number = ENOENT;
	} else if (status == 401 || status == 403) {
		err_hint(err, "what the server knows you by is read from ~/.netrc, for S3 from "
			      "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
	} else if (status == 301 || status == 307) {
		err_hint(err, "it is at another address (for S3: another region)");
	}
	return -1;
}

static const char *
region_of(const struct remote_address *address)
{
	const char *variable = getenv("AWS_REGION");

	if (address->kind != REMOTE_S3) {
		return NULL;
	}
	return address->region ? address->region : variable && *variable ? variable : "us-east-1";
}

/* Headers that S3 wants signed: curl signs all that it is given. */
struct s3_headers {
	char *content, *token;
	const char *list[3];
};

static void
s3_headers_init(struct s3_headers *headers, const struct server_task *task, const char *sha256)
{
	const char *token = getenv("AWS_SESSION_TOKEN");
	size_t count = 0;

	*headers = (struct s3_headers){0};
	if (task->address->kind != REMOTE_S3) {
		return;
	}
	headers->content = mem_printf("x-amz-content-sha256: %s", sha256 ? sha256 : empty_sha256);
	headers->list[count++] = headers->content;
	if (token && *token) {
		headers->token = mem_printf("x-amz-security-token: %s", token);
		headers->list[count++] = headers->token;
	}
}

static void
s3_headers_done(struct s3_headers *headers)
{
	free(headers->content);
	free(headers->token);
}

/* libcurl signs the headers that it is given since 7.87. */
static int
check_curl(const struct server_task *task, struct err *err)
{
	if (task->address->kind == REMOTE_S3 && LIBCURL_VERSION_NUM < 0x075700) {
		return err_fail(err, STATUS_SOURCE,
			"S3 takes libcurl 7.87 or later, and brun was compiled with " LIBCURL_VERSION);
	}
	return 0;
}

uint64_t
server_part_bytes(void)
{
	const char *text = getenv("BRUN_CACHE_PART_BYTES");
	uint64_t bytes = text ? strtoull(text, NULL, 10) : 0;

	return bytes ? bytes : PART_BYTES;
}

int
s3_ask(struct server_task *task, struct exchange exchange, const char *sha256,
	struct answer *ret_answer, struct err *err)
{
	__attribute__((cleanup(s3_headers_done))) struct s3_headers headers;

	s3_headers_init(&headers, task, sha256);
	exchange.headers = headers.list;
	exchange.aws_region = region_of(task->address);
	exchange.is_cancelled = task->is_cancelled;
	return check_curl(task, err) < 0 ? -1
					 : exchange_run(task->client, &exchange, ret_answer, err);
}

static int
run(struct server_task *task, enum exchange_method method, struct err *err)
{
	__attribute__((cleanup(answer_done))) struct answer answer = {0};
	cleanup_free char *url = mem_printf("%s/%s", task->address->base, task->name);
	const struct exchange exchange = {
		.method = method,
		.url = url,
		.body_fd = method == EXCHANGE_PUT ? task->fd : -1,
		.body_size = method == EXCHANGE_PUT ? task->size : 0,
		.sink_fd = method == EXCHANGE_GET ? task->fd : -1,
		.limit = task->size,
	};

	if (s3_ask(task, exchange, task->sha256, &answer, err) < 0) {
		return -1;
	}
	if (answer.status >= 200 && answer.status <= 299) {
		return 0;
	}
	server_refused(url, answer.status, err);
	return method == EXCHANGE_PUT && answer.status == 400
		       ? err_hint(err, "bazel-remote takes brun's records with "
				       "--disable_http_ac_validation")
		       : -1;
}

int
server_get(struct server_task *task, struct err *err)
{
	return task->address->kind == REMOTE_OCI ? oci_get(task, err)
						 : run(task, EXCHANGE_GET, err);
}

int
server_has(struct server_task *task, struct err *err)
{
	return task->address->kind == REMOTE_OCI ? oci_has(task, err)
						 : run(task, EXCHANGE_HEAD, err);
}

int
server_put(struct server_task *task, struct err *err)
{
	if (task->address->kind == REMOTE_OCI) {
		return oci_put(task, err);
	}
	return task->address->kind == REMOTE_S3 && task->size > server_part_bytes()
		       ? s3_put_parts(task, err)
		       : run(task, EXCHANGE_PUT, err);
}
