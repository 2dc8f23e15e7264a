/* SPDX-License-Identifier: MIT */
/* Collecting what nobody needs any more out of a store. Safe beside running builds, and killed at
 * any moment: the protocol is at the top of store_gc.c. */
#ifndef BRUN_STORE_GC_H
#define BRUN_STORE_GC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct store;

struct gc_options {
	int64_t older_than; /* seconds: what was used since then is kept, too; -1: not given */
	uint64_t max_size;  /* bytes of what may go that are kept, the last used; 0: not given */
	bool is_dry;	    /* find out, remove nothing */
	int cancel_fd;	    /* readable: stop, STATUS_INTERRUPTED; -1 */
	void (*waiting)(void *context, int pid); /* for another collection */
	/* What goes: "tree", its id, the name of what made it or "". */
	void (*removing)(void *context, const char *what, const char *id, const char *name);
	void *context;
};

struct gc_count {
	size_t trees, blobs, records, logs, plans, failed;
};

struct gc_result {
	struct gc_count removed, kept;
	uint64_t bytes; /* freed, or with is_dry: that would be */
};

/* Keeps what the roots (store_roots.h), living runs and the options say, with everything that it
 * was made from, so that building it anew has nothing to do. */
int store_gc(struct store *store, const struct gc_options *options, struct gc_result *ret_result,
	struct err *err);

#endif
