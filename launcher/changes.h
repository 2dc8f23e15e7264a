/* SPDX-License-Identifier: MIT */
/* Edits of a large file that keep its length: a few bytes here and there, and not a copy of it. */
#ifndef BRUN_CHANGES_H
#define BRUN_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;

struct change {
	uint64_t offset;
	size_t length;
	const unsigned char *bytes;
};

struct changes {
	struct change *items; /* in the order of their offsets, none touches another */
	size_t count, capacity;
};

/* Adds one behind the others. */
void changes_add(struct changes *changes, struct arena *arena, uint64_t offset, const void *bytes,
	size_t length);

/* Adds what makes `now` of `old`, both of `size` bytes, as runs of bytes that differ. */
void changes_between(struct changes *changes, struct arena *arena, const void *old, const void *now,
	size_t size);

/* Writes them into a file that holds the old bytes. */
int changes_write(const struct changes *changes, int fd, struct err *err);

/* Do they write the same bytes to the same places? */
bool changes_same(const struct changes *a, const struct changes *b);

#endif
