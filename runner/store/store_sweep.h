/* SPDX-License-Identifier: MIT */
/* The second half of a collection: moving victims out of the store while others use it. */
#ifndef BRUN_STORE_SWEEP_H
#define BRUN_STORE_SWEEP_H

#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"

struct err;
struct store;

enum victim_kind {
	VICTIM_RECORD,	 /* id is its key, `output` what it made */
	VICTIM_LOG,	 /* id is its key */
	VICTIM_TREE,	 /* with its manifest */
	VICTIM_MANIFEST, /* one without a tree */
	VICTIM_BLOB,
	VICTIM_FILE,	  /* by its path in the store */
	VICTIM_DIRECTORY, /* the same */
};

struct victim {
	enum victim_kind kind;
	struct digest id, output;
	char *path;	/* VICTIM_FILE, VICTIM_DIRECTORY: owned */
	uint64_t bytes; /* that its removal frees, where that is known before */
	uint64_t inode; /* where it is known: neighbours go one after the other */
	int is_spared;	/* afterwards: somebody began to use it */
};

/* Zero-initialise; sweep_done frees. */
struct sweep {
	struct victim *victims;
	size_t count, capacity;
};

/* Adds a victim; takes its path. */
void sweep_add(struct sweep *sweep, struct victim victim);
void sweep_done(struct sweep *sweep);

/* Takes the victims out, kind by kind in their order, but for what runs hold or roots name by now.
 * Trees go to trash/. Adds the bytes that were freed at once. Stops when cancel_fd is readable. */
int sweep_run(
	struct store *store, struct sweep *sweep, int cancel_fd, uint64_t *bytes, struct err *err);

/* Deletes what is in trash/, on all processors; adds the bytes that this frees. */
int sweep_empty_trash(struct store *store, int cancel_fd, uint64_t *bytes, struct err *err);

#endif
