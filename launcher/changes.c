/* SPDX-License-Identifier: MIT */
#include "changes.h"

#include "base/arena.h"
#include "base/err.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* So much is compared at once; a page is the least that a copy-on-write file system shares. */
enum { BLOCK = 4096 };

void
changes_add(struct changes *changes, struct arena *arena, uint64_t offset, const void *bytes,
	size_t length)
{
	if (changes->count == changes->capacity) {
		size_t capacity = changes->capacity ? 2 * changes->capacity : 4;
		struct change *items = arena_alloc(arena, capacity, sizeof(*items));
		if (changes->count > 0) {
			memcpy(items, changes->items, changes->count * sizeof(*items));
		}
		changes->items = items;
		changes->capacity = capacity;
	}
	unsigned char *copy = arena_alloc(arena, length, 1);
	memcpy(copy, bytes, length);
	changes->items[changes->count++] = (struct change){offset, length, copy};
}

/* One run from the first byte that differs to the last, for a block is small. */
static void
add_block(struct changes *changes, struct arena *arena, uint64_t offset, const unsigned char *old,
	const unsigned char *now, size_t size)
{
	size_t first = 0, end = size;

	while (old[first] == now[first]) {
		first++;
	}
	while (old[end - 1] == now[end - 1]) {
		end--;
	}
	changes_add(changes, arena, offset + first, now + first, end - first);
}

void
changes_between(
	struct changes *changes, struct arena *arena, const void *old, const void *now, size_t size)
{
	const unsigned char *before = old, *after = now;

	for (size_t at = 0; at < size; at += BLOCK) {
		size_t length = size - at < BLOCK ? size - at : BLOCK;
		if (memcmp(before + at, after + at, length) != 0) {
			add_block(changes, arena, at, before + at, after + at, length);
		}
	}
}

int
changes_write(const struct changes *changes, int fd, struct err *err)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->items[i];
		ssize_t put = pwrite(fd, change->bytes, change->length, (off_t)change->offset);
		if (put < 0 || (size_t)put != change->length) {
			return err_set(err, put < 0 ? errno : ENOSPC, "writing changed bytes");
		}
	}
	return 0;
}

bool
changes_same(const struct changes *a, const struct changes *b)
{
	for (size_t i = 0; i < a->count && a->count == b->count; i++) {
		const struct change *one = &a->items[i], *two = &b->items[i];
		if (one->offset != two->offset || one->length != two->length ||
			memcmp(one->bytes, two->bytes, one->length) != 0) {
			return false;
		}
	}
	return a->count == b->count;
}
