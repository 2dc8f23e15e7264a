/* SPDX-License-Identifier: MIT */
/* Everything that a store holds, by name, and which of it something alive rests on. */
#ifndef BRUN_STORE_CENSUS_H
#define BRUN_STORE_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"

struct err;
struct store;

/* A tree or a blob. */
struct census_thing {
	struct digest id;
	uint64_t inode;
	bool is_alive;
};

struct census_record {
	struct digest key, output;
	struct digest *mentioned; /* every id that its text names besides */
	size_t mentioned_count;
	uint64_t inode;
	int64_t used; /* when it was made, or its output last asked for; seconds since the epoch */
	uint64_t bytes; /* on the disk */
	bool is_alive;
	bool has_output; /* else nothing can be made of its text */
};

/* Things and records are in the order of their ids and keys. */
struct census {
	struct census_thing *trees, *blobs;
	struct census_record *records;
	size_t *by_output; /* indices of records, in the order of their outputs */
	size_t tree_count, blob_count, record_count;
	size_t *pending; /* records that are alive and whose inputs have not been looked at */
	size_t pending_count;
	bool **woken_flags; /* what was set to true, in that order: census_forget sets it back */
	size_t woken_count, woken_capacity;
	/* Called with each tree and blob that comes alive; may be NULL. */
	void (*woken)(void *context, const struct digest *id, bool is_tree);
	void *context;
};

/* Lists the store and reads all records, on all processors. census_done frees. */
int census_take(struct store *store, struct census *ret_census, struct err *err);
void census_done(struct census *census);

/* What has this id is alive: a tree with every record that made it, and so on through their
 * inputs; or a blob. An id that the store has not is passed over. */
void census_wake(struct census *census, const struct digest *id);

/* The record, its output, and what it rests on are alive. */
void census_wake_record(struct census *census, size_t index);

/* What came alive since woken_count was `count` is not, after all. */
void census_forget(struct census *census, size_t count);

/* The record of this key, or NULL. */
const struct census_record *census_find(const struct census *census, const struct digest *key);

/* Is there, or was there when the census was taken, a tree of this id? */
bool census_has_tree(const struct census *census, const struct digest *id);

/* The first record that made this output, or NULL. */
const struct census_record *census_maker(const struct census *census, const struct digest *id);

/* The name of what made this output, or ""; the caller frees. */
char *census_maker_name(const struct census *census, struct store *store, const struct digest *id);

#endif
