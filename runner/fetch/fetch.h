/* SPDX-License-Identifier: MIT */
/* Fetching: one fetch-helper process a build, that speaks HTTP so that the core needs no libcurl.
 * The protocol between the two is described at the top of fetch.c. */
#ifndef BRUN_FETCH_H
#define BRUN_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sha256.h"

struct err;
struct fetcher;
struct mirrors;

struct fetch_progress {
	uint64_t done, total; /* bytes; total 0: unknown */
	const char *url;      /* where they come from now */
};

/* Nothing is started before the first fetcher_get. helper: the executable's path. Thread-safe. */
struct fetcher *fetcher_new(const char *helper, const struct mirrors *mirrors);
void fetcher_free(struct fetcher *fetcher);

/* Fetches one file to the new file dir_fd/name: urls in turn (mirror:// resolved), resume and
 * retries with back-off, SHA-256 while streaming. Blocks the calling thread; several threads
 * share one helper. On failure no file is left: STATUS_SOURCE lists each address and what it
 * answered; STATUS_HASH shows expected and got hash with the address. cancel_fd as in
 * store_lock. `progress` is called a few times a second from another thread. */
int fetcher_get(struct fetcher *fetcher, const char *const *urls, const struct digest *sha256,
	int dir_fd, const char *name, int cancel_fd,
	void (*progress)(void *context, const struct fetch_progress *at), void *context,
	struct err *err);

/* Fetches without a known hash, at most `limit` bytes (for `brun lock`: indices are checked by
 * signature or by their parent's hash). */
int fetcher_get_unchecked(struct fetcher *fetcher, const char *url, uint64_t limit, int dir_fd,
	const char *name, int cancel_fd, struct err *err);

#endif
