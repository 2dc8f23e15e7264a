/* SPDX-License-Identifier: MIT */
#include "cache/exchange.h"

#include "base/err.h"
#include "base/mem.h"
#include "fetch/address.h"
#include "fetch/backoff.h"
#include "fetch/trust.h"
#include "text/printable.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
	CONNECT_MS = 10000,
	REDIRECTS = 5,
	TRIES = 3,		 /* questions that brought nothing, in a row */
	BYTES_PER_SECOND = 8192, /* less than that, and building is faster */
	MUCH = 256 * 1024,	 /* what has to come for them to count anew */
	TEXT_MOST = 1 << 20,
	SMALL = 64 * 1024,
	SMALL_STALL_MS = 10000,
};

struct client {
	CURL *easy;
	uint64_t stall_ms, backoff_ms;
};

/* One question of an exchange. */
struct question {
	struct client *client;
	const struct exchange *exchange;
	struct answer *answer;
	uint64_t done, sent; /* of the sink, of the body */
	uint64_t from;	     /* where the wanted range starts */
	int64_t range_start; /* where the answer's does; -1: it has none */
	bool is_refused;     /* the answer's body is not wanted */
	int number;	     /* errno of a write that failed */
	char said[CURL_ERROR_SIZE];
};

struct client *
client_new(uint64_t stall_ms, uint64_t backoff_ms)
{
	struct client *client = mem_zalloc(1, sizeof(*client));

	client->easy = curl_easy_init();
	if (!client->easy) {
		abort();
	}
	client->stall_ms = stall_ms;
	client->backoff_ms = backoff_ms;
	return client;
}

void
client_free(struct client *client)
{
	curl_easy_cleanup(client->easy);
	free(client);
}

void
answer_done(struct answer *answer)
{
	buf_done(&answer->text);
	free(answer->location);
	free(answer->challenge);
	free(answer->etag);
	free(answer->range);
	*answer = (struct answer){0};
}

static long
status_of(const struct question *question)
{
	long status = 0;

	curl_easy_getinfo(question->client->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* A server without ranges sends all of it again. */
static bool
begin_sink(struct question *question)
{
	long status = status_of(question);

	if (status == 206 && question->range_start == (int64_t)question->from) {
		return true;
	}
	question->done = question->from = 0;
	return status != 206 && ftruncate(question->exchange->sink_fd, 0) == 0;
}

static bool
write_sink(struct question *question, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t wrote =
			pwrite(question->exchange->sink_fd, data, length, (off_t)question->done);
		if (wrote < 0 && errno != EINTR) {
			question->number = errno;
			return false;
		}
		size_t taken = wrote > 0 ? (size_t)wrote : 0;
		data += taken;
		length -= taken;
		question->done += taken;
	}
	return true;
}

static size_t
on_body(char *data, size_t size, size_t count, void *context)
{
	struct question *question = context;
	size_t length = size * count;
	long status = status_of(question);

	if (status < 200 || status > 299 || question->exchange->sink_fd < 0) {
		/* For people, or a small document. */
		if (question->answer->text.length + length > TEXT_MOST) {
			return 0;
		}
		buf_add(&question->answer->text, data, length);
		return length;
	}
	/* First what a server without ranges makes of done. */
	if (question->done == question->from && !begin_sink(question)) {
		return 0;
	}
	if (length > question->exchange->limit ||
		question->done > question->exchange->limit - length) {
		question->is_refused = true;
		return 0;
	}
	return write_sink(question, data, length) ? length : 0;
}

/* The value of a header line that has this name; the caller frees. */
static char *
field(const char *data, size_t length, const char *name)
{
	size_t start = strlen(name);

	if (length <= start || strncasecmp(data, name, start) != 0) {
		return NULL;
	}
	while (start < length && (data[start] == ' ' || data[start] == '\t')) {
		start++;
	}
	while (length > start && (unsigned char)data[length - 1] <= ' ') {
		length--;
	}
	return mem_strndup(data + start, length - start);
}

static void
keep(char **slot, char *value)
{
	if (value) {
		free(*slot);
		*slot = value;
	}
}

static size_t
on_header(char *data, size_t size, size_t count, void *context)
{
	struct question *question = context;
	size_t length = size * count;

	if (length > 5 && memcmp(data, "HTTP/", 5) == 0) {
		question->range_start = -1;
	}
	cleanup_free char *range = field(data, length, "content-range: bytes");
	if (range) {
		question->range_start = strtoll(range, NULL, 10);
	}
	keep(&question->answer->location, field(data, length, "location:"));
	keep(&question->answer->challenge, field(data, length, "www-authenticate:"));
	keep(&question->answer->etag, field(data, length, "etag:"));
	keep(&question->answer->range, field(data, length, "range:"));
	return length;
}

static size_t
on_read(char *data, size_t size, size_t count, void *context)
{
	struct question *question = context;
	const struct exchange *exchange = question->exchange;
	uint64_t left = exchange->body_size - question->sent;
	size_t length = size * count < left ? size * count : (size_t)left;

	if (exchange->body_fd < 0) {
		memcpy(data, exchange->body + question->sent, length);
		question->sent += length;
		return length;
	}
	ssize_t got = pread(
		exchange->body_fd, data, length, (off_t)(exchange->body_start + question->sent));
	if (got < 0) {
		question->number = errno;
		return CURL_READFUNC_ABORT;
	}
	question->sent += (uint64_t)got;
	return (size_t)got;
}

static int
on_seek(void *context, curl_off_t offset, int origin)
{
	struct question *question = context;

	if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > question->exchange->body_size) {
		return CURL_SEEKFUNC_FAIL;
	}
	question->sent = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

static int
on_progress(void *context, curl_off_t total, curl_off_t done, curl_off_t up_total, curl_off_t up)
{
	const struct question *question = context;

	(void)total;
	(void)done;
	(void)up_total;
	(void)up;
	return question->exchange->is_cancelled &&
	       __atomic_load_n(question->exchange->is_cancelled, __ATOMIC_RELAXED);
}

/* Passwords: netrc has them by host. $NETRC names another file than ~/.netrc. */
static void
set_netrc(CURL *easy)
{
	const char *file = getenv("NETRC");

	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
	if (file && *file) {
		curl_easy_setopt(easy, CURLOPT_NETRC_FILE, file);
	}
}

static void
set_identity(CURL *easy, const struct exchange *exchange)
{
	const char *id = getenv("AWS_ACCESS_KEY_ID"), *secret = getenv("AWS_SECRET_ACCESS_KEY");

	if (exchange->aws_region) {
		cleanup_free char *scope = mem_printf("aws:amz:%s:s3", exchange->aws_region);
		if (id && secret) {
			curl_easy_setopt(easy, CURLOPT_USERNAME, id);
			curl_easy_setopt(easy, CURLOPT_PASSWORD, secret);
		} else {
			set_netrc(easy);
		}
		curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, scope);
	} else if (exchange->bearer) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
		curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, exchange->bearer);
	} else {
		set_netrc(easy);
	}
}

/* Only questions are sent on to where a server points; what is put, and what is signed for one
 * host, stays there. */
static void
set_method(CURL *easy, const struct exchange *exchange)
{
	bool is_question = exchange->method == EXCHANGE_GET || exchange->method == EXCHANGE_HEAD;

	if (exchange->method == EXCHANGE_HEAD) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	} else if (exchange->method == EXCHANGE_POST) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, exchange->body ? exchange->body : "");
		curl_easy_setopt(
			easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->body_size);
	} else if (exchange->method == EXCHANGE_DELETE) {
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "DELETE");
	} else if (exchange->method == EXCHANGE_PUT || exchange->method == EXCHANGE_PATCH) {
		curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
		if (exchange->method == EXCHANGE_PATCH) {
			curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "PATCH");
		}
		curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)exchange->body_size);
	}
	curl_easy_setopt(
		easy, CURLOPT_FOLLOWLOCATION, is_question && !exchange->aws_region ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)REDIRECTS);
}

static void
set_callbacks(CURL *easy, struct question *question)
{
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, question);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, question);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(easy, CURLOPT_READDATA, question);
	curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
	curl_easy_setopt(easy, CURLOPT_SEEKDATA, question);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, question);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, question->said);
}

/* Who needs long for a few bytes won't be of use for many. */
static uint64_t
patience_ms(const struct client *client, const struct exchange *exchange)
{
	bool is_small = exchange->body_fd < 0 && exchange->limit <= SMALL;

	return is_small && client->stall_ms > SMALL_STALL_MS ? SMALL_STALL_MS : client->stall_ms;
}

static void
set_times(const struct client *client, const struct exchange *exchange)
{
	uint64_t seconds = (patience_ms(client, exchange) + 999) / 1000;

	curl_easy_setopt(client->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(client->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(client->easy, CURLOPT_LOW_SPEED_LIMIT, (long)BYTES_PER_SECOND);
	curl_easy_setopt(client->easy, CURLOPT_LOW_SPEED_TIME, (long)seconds);
	curl_easy_setopt(client->easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(client->easy, CURLOPT_USERAGENT, "brun/" BRUN_VERSION);
}

static CURLcode
ask_once(struct question *question)
{
	CURL *easy = question->client->easy;
	const struct exchange *exchange = question->exchange;
	struct curl_slist *headers = NULL;
	char range[32];

	curl_easy_reset(easy); /* keeps the connections */
	for (size_t i = 0; exchange->headers && exchange->headers[i]; i++) {
		headers = curl_slist_append(headers, exchange->headers[i]);
	}
	curl_easy_setopt(easy, CURLOPT_URL, exchange->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	if (question->from > 0) {
		snprintf(range, sizeof(range), "%" PRIu64 "-", question->from);
		curl_easy_setopt(easy, CURLOPT_RANGE, range);
	}
	set_times(question->client, exchange);
	set_callbacks(easy, question);
	set_identity(easy, exchange);
	set_method(easy, exchange);
	trust_protocols(easy, false, strncasecmp(exchange->url, "https:", 6) == 0);
	trust_authorities(easy);
	CURLcode code = curl_easy_perform(easy);
	curl_slist_free_all(headers);
	return code;
}

static bool
is_busy(long status)
{
	return status == 408 || status == 429 || status >= 500;
}

static int
complain(const struct question *question, CURLcode code, struct err *err)
{
	cleanup_free char *url = address_shown(question->exchange->url);
	cleanup_free char *said =
		printable_name(question->said[0] ? question->said : curl_easy_strerror(code));

	if (question->number) {
		return err_set(err, question->number, "%s", url);
	}
	if (question->is_refused || code == CURLE_FILESIZE_EXCEEDED) {
		return err_fail(err, STATUS_LIMIT, "%s: more than %" PRIu64 " bytes", url,
			question->exchange->limit);
	}
	if (code == CURLE_OK) {
		return err_fail(err, STATUS_SOURCE, "%s: HTTP %ld", url, question->answer->status);
	}
	return err_fail(err, STATUS_SOURCE, "%s: %s", url, said);
}

/* Is it worth asking again? Not what will be the same the next time. */
static bool
may_pass(const struct question *question, CURLcode code)
{
	if (question->number || question->is_refused || question->exchange->is_asked_once) {
		return false;
	}
	if (code == CURLE_OK) {
		return is_busy(question->answer->status);
	}
	/* Too slow once is too slow. */
	return code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
	       code == CURLE_GOT_NOTHING || code == CURLE_HTTP2 || code == CURLE_HTTP2_STREAM;
}

/* 0 an answer, 1 ask again, -1 err. */
static int
ask(struct question *question, struct err *err)
{
	struct answer *answer = question->answer;

	answer_done(answer);
	question->sent = 0;
	question->from = question->done;
	question->said[0] = '\0';
	question->range_start = -1;
	CURLcode code = ask_once(question);
	answer->status = status_of(question);
	if (code == CURLE_OK && answer->status == 416 && question->from > 0) {
		question->done = 0; /* it is shorter now than what we have of it */
		return 1;
	}
	if (code == CURLE_OK && !is_busy(answer->status)) {
		return 0;
	}
	complain(question, code, err);
	return may_pass(question, code) ? 1 : -1;
}

int
exchange_run(struct client *client, const struct exchange *exchange, struct answer *ret_answer,
	struct err *err)
{
	struct answer answer = {0};
	struct question question = {.client = client, .exchange = exchange, .answer = &answer};
	struct err why = {0};
	uint64_t best = 0;
	unsigned tries = 0;
	int result;

	while ((result = ask(&question, &why)) > 0 && ++tries < TRIES) {
		if (question.done >= best + MUCH) {
			best = question.done;
			tries = 0;
		}
		(void)poll(NULL, 0, (int)backoff_ms(client->backoff_ms, tries + 1, 0));
	}
	if (result != 0) {
		answer_done(&answer);
		*err = why;
		return -1;
	}
	*ret_answer = answer;
	return 0;
}
