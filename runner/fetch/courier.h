/* SPDX-License-Identifier: MIT */
/* The thread that talks to fetch-helper or cache-helper for all others: starts it on the first
 * request, gives what a dead one had to do to a new one. What the two say to each other is
 * described at the top of fetch.c, and of remote.c. */
#ifndef BRUN_COURIER_H
#define BRUN_COURIER_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct courier;
struct fetch_progress;

enum { COURIER_MESSAGE_MOST = 128 * 1024 /* below the smallest default socket buffer */ };

/* A file that somebody waits for. The first group is the caller's to fill in. */
struct request {
	const char *verb;      /* "get", … */
	const char *addresses; /* each with a newline */
	const char *wanted;    /* the hash in hex, or "-" */
	uint64_t limit;
	int fd;								  /* or -1 */
	void (*progress)(void *context, const struct fetch_progress *at); /* or NULL */
	void *context;

	struct request *next;
	uint64_t id;
	struct buf message;
	int ended_fd; /* an eventfd that says "ended" */
	bool is_sent, has_ended;
	unsigned starts; /* how many helpers got it */
	struct err err;	 /* STATUS_OK: the file is there */
};

/* helper: the executable's path, borrowed. */
struct courier *courier_new(const char *helper);

/* Nobody may wait any more. */
void courier_free(struct courier *courier);

/* Blocks until it is done, has failed, or cancel_fd is readable. Thread-safe. */
int courier_carry(struct courier *courier, struct request *request, int cancel_fd, struct err *err);

#endif
