/* SPDX-License-Identifier: MIT */
/* What trees take on the disk: trees share inodes, and each counts once. */
#ifndef BRUN_STORE_WEIGH_H
#define BRUN_STORE_WEIGH_H

#include <stddef.h>
#include <stdint.h>

struct digest;
struct err;
struct store;

/* Zero-initialise; weigher_done frees. */
struct weigher {
	uint64_t *inodes; /* a hash table; 0: free */
	size_t count, capacity;
};

/* How many bytes of the disk this tree, or blob, takes beyond all that were weighed before. What
 * can't be looked at weighs nothing. */
uint64_t weigh_tree(struct weigher *weigher, struct store *store, const struct digest *id);
uint64_t weigh_blob(struct weigher *weigher, struct store *store, const struct digest *id);
void weigher_done(struct weigher *weigher);

/* How many bytes the removal of a file, or of a directory with all below it, will free: what has a
 * name elsewhere frees nothing. */
uint64_t weigh_removal(int dirfd, const char *path);

#endif
