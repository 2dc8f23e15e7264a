/* SPDX-License-Identifier: MIT */
#include "tree/inodes.h"

#include "base/mem.h"
#include "base/sha256.h"

#include <stdlib.h>

/* A slot of an open hash table; inode 0: free. */
struct inode_hash {
	uint64_t inode;
	struct digest digest;
};

void
inodes_init(struct inodes *inodes)
{
	*inodes = (struct inodes){.capacity = 1024};
	pthread_mutex_init(&inodes->mutex, NULL);
	inodes->table = mem_zalloc(inodes->capacity, sizeof(*inodes->table));
}

void
inodes_done(struct inodes *inodes)
{
	pthread_mutex_destroy(&inodes->mutex);
	free(inodes->table);
}

/* The inode's slot, or the free one where it belongs. */
static struct inode_hash *
slot_of(struct inode_hash *table, size_t capacity, uint64_t inode)
{
	size_t slot = (size_t)(inode * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (capacity - 1);

	while (table[slot].inode && table[slot].inode != inode) {
		slot = (slot + 1) & (capacity - 1);
	}
	return &table[slot];
}

static void
grow(struct inodes *inodes)
{
	size_t capacity = inodes->capacity * 2;
	struct inode_hash *table = mem_zalloc(capacity, sizeof(*table));

	for (size_t i = 0; i < inodes->capacity; i++) {
		if (inodes->table[i].inode) {
			*slot_of(table, capacity, inodes->table[i].inode) = inodes->table[i];
		}
	}
	free(inodes->table);
	inodes->table = table;
	inodes->capacity = capacity;
}

bool
inodes_find(struct inodes *inodes, uint64_t inode, struct digest *ret_digest)
{
	pthread_mutex_lock(&inodes->mutex);
	const struct inode_hash *slot = slot_of(inodes->table, inodes->capacity, inode);
	bool is_known = slot->inode == inode;
	if (is_known) {
		*ret_digest = slot->digest;
	}
	pthread_mutex_unlock(&inodes->mutex);
	return is_known;
}

void
inodes_add(struct inodes *inodes, uint64_t inode, const struct digest *digest, uint64_t size)
{
	pthread_mutex_lock(&inodes->mutex);
	inodes->read_files++;
	inodes->read_bytes += size;
	if (inode) {
		if (inodes->count * 2 >= inodes->capacity) {
			grow(inodes);
		}
		struct inode_hash *slot = slot_of(inodes->table, inodes->capacity, inode);
		inodes->count += slot->inode == 0;
		*slot = (struct inode_hash){inode, *digest};
	}
	pthread_mutex_unlock(&inodes->mutex);
}
