/* SPDX-License-Identifier: MIT */
/* One question to one address, and what came of it. The only file pair that sets curl's options. */
#ifndef BRUN_ATTEMPT_H
#define BRUN_ATTEMPT_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

struct download;

enum attempt_verdict {
	ATTEMPT_WHOLE,	 /* all that the server had to say has come */
	ATTEMPT_BROKEN,	 /* it stopped in the middle: what has come is good */
	ATTEMPT_BUSY,	 /* not now: unreachable, overloaded, silent */
	ATTEMPT_REFUSED, /* never: not found, not allowed, not trusted */
	ATTEMPT_LIMIT,	 /* more than the limit */
	ATTEMPT_DISK,	 /* download->number says why it can't be written */
};

/* What came of an attempt. */
struct outcome {
	enum attempt_verdict verdict;
	char answer[CURL_ERROR_SIZE + 64]; /* "HTTP 404", for people */
	unsigned long retry_after;	   /* seconds, 0: the server did not say */
	uint64_t gained;		   /* bytes */
};

struct attempt {
	CURL *easy;
	struct download *download;
	uint64_t from;	     /* where the wanted range starts */
	int64_t range_start; /* where the answer's does; -1: it has none */
	bool has_begun;	     /* the answer's first byte was looked at */
	bool is_unwanted;    /* the answer is not what was asked for */
	char said[CURL_ERROR_SIZE];
	uint64_t window_ms, window_done; /* since when pace is measured, and from which byte */
};

/* Begins to ask; `context` comes back as CURLINFO_PRIVATE. https_only: no redirect to http. */
void attempt_begin(struct attempt *attempt, CURLM *multi, const char *url, bool https_only,
	struct download *download, uint64_t now_ms, void *context);

/* Ends it, whether it runs or has ended with `code`. */
void attempt_end(struct attempt *attempt, CURLM *multi, CURLcode code, struct outcome *ret_outcome);

/* Has it been slower than 1000 bytes a second for stall_ms? Then attempt_end it with
 * CURLE_OPERATION_TIMEDOUT. */
bool attempt_is_stalled(struct attempt *attempt, uint64_t now_ms, uint64_t stall_ms);

#endif
