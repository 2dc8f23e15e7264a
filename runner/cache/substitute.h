/* SPDX-License-Identifier: MIT */
/* Taking from caches what somebody else has built: signed records, and trees by them. Nothing that
 * a cache does or gives is a failure; what is wrong with it is said once (caches.h). */
#ifndef BRUN_SUBSTITUTE_H
#define BRUN_SUBSTITUTE_H

#include "base/sha256.h"

struct caches;
struct err;
struct record;
struct statement;
struct store;

struct substitute {
	struct caches *caches;
	struct store *store;
	const char *helper_dir; /* where unpack-helper is */
	int cancel_fd;
};

/* 1: somebody trusted says what the action with that key comes to; 0: nobody does, or it was
 * cancelled. Any thread. */
int substitute_find(const struct substitute *substitute, const struct digest *key,
	struct statement *ret_statement);

/* 1: the output of the action with that key was taken from a cache and is in the store, unrecorded;
 * 0: it is not to be had. -1: cancelled, or the store can't be written. */
int substitute_tree(const struct substitute *substitute, const struct digest *key,
	struct statement *ret_statement, struct err *err);

#endif
