/* SPDX-License-Identifier: MIT */
/* Hashes of files with several names, so that each is read once. Several threads may use it. */
#ifndef BRUN_INODES_H
#define BRUN_INODES_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digest;

/* inodes_init, inodes_done. All inodes are of one file system. */
struct inodes {
	pthread_mutex_t mutex;
	struct inode_hash *table;
	size_t count, capacity;
	uint64_t read_files, read_bytes; /* what had to be read, for the summary */
};

void inodes_init(struct inodes *inodes);
void inodes_done(struct inodes *inodes);

/* Is the hash of this inode known? */
bool inodes_find(struct inodes *inodes, uint64_t inode, struct digest *ret_digest);

/* Remembers the hash of a file of `size` bytes that was read; inode 0: only counts it. */
void inodes_add(struct inodes *inodes, uint64_t inode, const struct digest *digest, uint64_t size);

#endif
