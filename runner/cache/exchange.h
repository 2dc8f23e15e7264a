/* SPDX-License-Identifier: MIT */
/* One question to a cache's server and its answer. With attempt and trust the only file that sets
 * curl's options. */
#ifndef BRUN_EXCHANGE_H
#define BRUN_EXCHANGE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* What a worker asks with: its connections are used again. */
struct client;
struct client *client_new(uint64_t stall_ms, uint64_t backoff_ms);
void client_free(struct client *client);

struct exchange {
	enum exchange_method {
		EXCHANGE_GET,
		EXCHANGE_HEAD,
		EXCHANGE_PUT,
		EXCHANGE_PATCH,
		EXCHANGE_POST, /* its body is in memory */
		EXCHANGE_DELETE,
	} method;
	const char *url;
	const char *const *headers; /* "Name: value", NULL-terminated; NULL: none */
	/* A body: of a file, from an offset, or of memory. */
	int body_fd; /* -1: memory */
	const char *body;
	uint64_t body_start, body_size;
	bool is_asked_once; /* what became of it is to be found out before it is asked again */
	/* Where a good answer's body goes: an empty file, or (-1) the answer's text. */
	int sink_fd;
	uint64_t limit;		/* bytes of it */
	const char *bearer;	/* a token; NULL: what netrc has for the host, if anything */
	const char *aws_region; /* not NULL: signed for S3, with AWS_… of the environment */
	const bool *is_cancelled;
};

struct answer {
	long status; /* HTTP's */
	struct buf text;
	char *location, *challenge, *etag, *range; /* header fields, or NULL */
};

/* Asks; a server that is busy or breaks off is asked again, and goes on where it broke off. Any
 * status is an answer; -1 is for what is none, and for 5xx: STATUS_SOURCE, STATUS_LIMIT, or
 * STATUS_STORE where the file can't be written. answer_done frees. */
int exchange_run(struct client *client, const struct exchange *exchange, struct answer *ret_answer,
	struct err *err);
void answer_done(struct answer *answer);

#endif
