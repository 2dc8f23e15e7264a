/* SPDX-License-Identifier: MIT */
/* Sending what was built to the caches, behind the back of the build. */
#ifndef BRUN_PUSH_H
#define BRUN_PUSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct caches;
struct pusher;
struct record;
struct store;

/* All is borrowed. Nothing is started before the first push. */
struct pusher *pusher_new(struct caches *caches, struct store *store, const char *helper_dir);

/* Sends a record that is in the store, and with it (with_tree) its tree; returns at once. What a
 * cache has already is not sent to it again. Any thread. */
void pusher_add(struct pusher *pusher, const struct record *record, bool with_tree);

struct push_result {
	size_t sent, there, left; /* records: sent, there already, neither */
	uint64_t bytes;		  /* of archives */
};

/* How many are still to be sent? */
size_t pusher_left(struct pusher *pusher);

/* Waits until all is sent or has failed, limit_ms at most, or until cancel_fd is readable; what is
 * on its way then is broken off. */
struct push_result pusher_finish(struct pusher *pusher, uint64_t limit_ms, int cancel_fd);

/* Stops what pusher_finish was not called for. NULL is fine. */
void pusher_free(struct pusher *pusher);

#endif
