/* SPDX-License-Identifier: MIT */
/* One wanted file: its addresses are asked in turn, round after round, until one gives it or all
 * have refused it. Knows no clock and no socket: the caller says what time it is. */
#ifndef BRUN_TRANSFER_H
#define BRUN_TRANSFER_H

#include "base/err.h"
#include "base/sha256.h"
#include "fetch/attempt.h"
#include "fetch/download.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One address and what it has answered so far. */
struct source {
	char *url;
	bool is_out;	     /* not asked again */
	bool is_mismatch;    /* it gave something else: `got` */
	unsigned tries;	     /* questions, all in all */
	unsigned idle_tries; /* broken answers since the last that brought much … */
	uint64_t best;	     /* … beyond this many bytes */
	bool had_mixture;    /* pieces of several answers did not fit together */
	struct digest got;
	char *answer; /* the last */
};

struct transfer {
	struct transfer *next;
	uint64_t id;
	struct source *sources;
	size_t source_count, at;
	struct digest wanted;
	bool is_checked, is_running, has_ended;
	struct download download;
	struct attempt attempt;
	unsigned round;
	unsigned long retry_after;
	uint64_t wake_ms;    /* when to go on, while it does not run */
	uint64_t backoff_ms; /* the base of waiting */
	uint64_t told_done;  /* what progress was last told */
	struct err err;	     /* how it ended */
};

/* Takes fd. urls: each line one address, at least one; wanted: NULL for an unchecked file. */
struct transfer *transfer_new(uint64_t id, int fd, const char *urls, const struct digest *wanted,
	uint64_t limit, uint64_t backoff_ms);
void transfer_free(struct transfer *transfer, CURLM *multi);

/* Asks the address whose turn it is. */
void transfer_go_on(struct transfer *transfer, CURLM *multi, uint64_t now_ms);

/* The attempt has ended with `code`: has_ended is set, or wake_ms. */
void transfer_attempt_ended(
	struct transfer *transfer, CURLM *multi, CURLcode code, uint64_t now_ms);

#endif
