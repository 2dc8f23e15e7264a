/* SPDX-License-Identifier: MIT */
#include "fetch/attempt.h"

#include "fetch/backoff.h"
#include "fetch/download.h"
#include "fetch/trust.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	CONNECT_MS = 20000,
	REDIRECTS = 10,
	BYTES_PER_SECOND = 1000,
	BUFFER = 128 * 1024,
};

/* Status 0 is what curl says where there is no HTTP: file:///. */
static long
status_of(CURL *easy)
{
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* Looks at the answer before its first byte is kept. False: it is not what was asked for. */
static bool
begin_answer(struct attempt *attempt)
{
	struct download *download = attempt->download;
	long status = status_of(attempt->easy);
	curl_off_t length = -1;

	attempt->has_begun = true;
	if (status == 206 ? attempt->range_start != (int64_t)attempt->from
			  : status != 200 && status != 0) {
		attempt->is_unwanted = true;
		return false;
	}
	/* A server without ranges sends all of it again. */
	if (status != 206 && download->done > 0) {
		download_restart(download);
	}
	attempt->from = download->done;
	attempt->window_done = download->done;
	download->was_resumed = download->done > 0;
	curl_easy_getinfo(attempt->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	download->total = length > 0 ? download->done + (uint64_t)length : 0;
	return true;
}

static size_t
on_body(char *data, size_t size, size_t count, void *context)
{
	struct attempt *attempt = context;

	if (!attempt->has_begun && !begin_answer(attempt)) {
		return 0;
	}
	return download_write(attempt->download, data, size * count) ? size * count : 0;
}

/* RFC 9110, 14.4: Content-Range: bytes 5-9/10. Each answer of a chain of redirects starts anew. */
static size_t
on_header(char *data, size_t size, size_t count, void *context)
{
	static const char field[] = "content-range: bytes ";
	struct attempt *attempt = context;
	size_t length = size * count;

	if (length > 5 && memcmp(data, "HTTP/", 5) == 0) {
		attempt->range_start = -1;
	} else if (length > strlen(field) && strncasecmp(data, field, strlen(field)) == 0) {
		/* curl does not promise a NUL behind a header. */
		char digits[24] = "";
		size_t rest = length - strlen(field);
		memcpy(digits, data + strlen(field),
			rest < sizeof(digits) ? rest : sizeof(digits) - 1);
		attempt->range_start = strtoll(digits, NULL, 10);
	}
	return length;
}

/* No Accept-Encoding: the hash is that of the bytes as they lie on the server. */
static void
set_exchange(struct attempt *attempt, const char *url)
{
	CURL *easy = attempt->easy;
	char range[32];

	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)REDIRECTS);
	curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)BUFFER);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "brun/" BRUN_VERSION);
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE,
		(curl_off_t)(attempt->download->limit - attempt->from));
	if (attempt->from > 0) {
		snprintf(range, sizeof(range), "%" PRIu64 "-", attempt->from);
		curl_easy_setopt(easy, CURLOPT_RANGE, range);
	}
}

void
attempt_begin(struct attempt *attempt, CURLM *multi, const char *url, bool https_only,
	struct download *download, uint64_t now_ms, void *context)
{
	*attempt = (struct attempt){
		.easy = curl_easy_init(),
		.download = download,
		.from = download->done,
		.range_start = -1,
		.window_ms = now_ms,
		.window_done = download->done,
	};
	if (!attempt->easy) {
		abort();
	}
	set_exchange(attempt, url);
	trust_protocols(attempt->easy, true, https_only);
	trust_authorities(attempt->easy);
	curl_easy_setopt(attempt->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(attempt->easy, CURLOPT_WRITEDATA, attempt);
	curl_easy_setopt(attempt->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(attempt->easy, CURLOPT_HEADERDATA, attempt);
	curl_easy_setopt(attempt->easy, CURLOPT_ERRORBUFFER, attempt->said);
	curl_easy_setopt(attempt->easy, CURLOPT_PRIVATE, context);
	if (curl_multi_add_handle(multi, attempt->easy) != CURLM_OK) {
		abort();
	}
}

static bool
is_passing_status(long status)
{
	return status == 408 || status == 425 || status == 429 || status == 500 || status == 502 ||
	       status == 503 || status == 504;
}

/* Failures that say nothing about the next try. */
static bool
is_passing(CURLcode code)
{
	static const CURLcode passing[] = {CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST,
		CURLE_COULDNT_CONNECT, CURLE_PARTIAL_FILE, CURLE_OPERATION_TIMEDOUT,
		CURLE_SSL_CONNECT_ERROR, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR,
		CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_AGAIN};

	for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++) {
		if (code == passing[i]) {
			return true;
		}
	}
	return false;
}

/* An HTTP status that ended the attempt. */
static void
judge_status(struct attempt *attempt, long status, struct outcome *outcome)
{
	curl_off_t wait = 0;

	snprintf(outcome->answer, sizeof(outcome->answer), "HTTP %ld", status);
	outcome->verdict = is_passing_status(status) ? ATTEMPT_BUSY : ATTEMPT_REFUSED;
	curl_easy_getinfo(attempt->easy, CURLINFO_RETRY_AFTER, &wait);
	if (status == 416 && attempt->from > 0) {
		/* The file is shorter now than what we have of it. */
		download_restart(attempt->download);
		outcome->verdict = ATTEMPT_BUSY;
	} else if (outcome->verdict == ATTEMPT_BUSY && wait > BACKOFF_RETRY_AFTER_MOST) {
		snprintf(outcome->answer, sizeof(outcome->answer),
			"HTTP %ld, come back in %" PRId64 " s", status, (int64_t)wait);
		outcome->verdict = ATTEMPT_REFUSED;
	} else if (wait > 0) {
		outcome->retry_after = (unsigned long)wait;
	}
}

static void
judge_code(struct attempt *attempt, CURLcode code, struct outcome *outcome)
{
	snprintf(outcome->answer, sizeof(outcome->answer), "%s",
		attempt->said[0] ? attempt->said : curl_easy_strerror(code));
	if (code == CURLE_FILESIZE_EXCEEDED) {
		outcome->verdict = ATTEMPT_LIMIT;
	} else if (!is_passing(code)) {
		outcome->verdict = ATTEMPT_REFUSED;
	} else {
		outcome->verdict = outcome->gained > 0 ? ATTEMPT_BROKEN : ATTEMPT_BUSY;
	}
}

static void
judge(struct attempt *attempt, CURLcode code, struct outcome *outcome)
{
	struct download *download = attempt->download;

	if (code == CURLE_OK && !attempt->has_begun) {
		(void)begin_answer(attempt); /* an empty one */
	}
	outcome->gained = attempt->has_begun && download->done > attempt->from
				  ? download->done - attempt->from
				  : 0;
	if (download->number) {
		outcome->verdict = ATTEMPT_DISK;
	} else if (attempt->is_unwanted) {
		judge_status(attempt, status_of(attempt->easy), outcome);
		if (attempt->from > 0) {
			/* A range that was not asked for; without one it may go well. */
			download_restart(download);
			outcome->verdict = ATTEMPT_BUSY;
		}
	} else if (code == CURLE_OK) {
		outcome->verdict = ATTEMPT_WHOLE;
	} else if (code == CURLE_HTTP_RETURNED_ERROR) {
		judge_status(attempt, status_of(attempt->easy), outcome);
	} else if (code == CURLE_WRITE_ERROR) {
		outcome->verdict = ATTEMPT_LIMIT;
	} else {
		judge_code(attempt, code, outcome);
	}
}

void
attempt_end(struct attempt *attempt, CURLM *multi, CURLcode code, struct outcome *ret_outcome)
{
	*ret_outcome = (struct outcome){0};
	judge(attempt, code, ret_outcome);
	curl_multi_remove_handle(multi, attempt->easy);
	curl_easy_cleanup(attempt->easy);
	attempt->easy = NULL;
}

bool
attempt_is_stalled(struct attempt *attempt, uint64_t now_ms, uint64_t stall_ms)
{
	uint64_t done = attempt->download->done;

	if (now_ms - attempt->window_ms < stall_ms) {
		return false;
	}
	if (done < attempt->window_done ||
		(done - attempt->window_done) * 1000 >= stall_ms * BYTES_PER_SECOND) {
		attempt->window_ms = now_ms;
		attempt->window_done = done;
		return false;
	}
	snprintf(attempt->said, sizeof(attempt->said),
		"%" PRIu64 " bytes in %" PRIu64 " ms: too slow", done - attempt->window_done,
		now_ms - attempt->window_ms);
	return true;
}
