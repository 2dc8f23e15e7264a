/* SPDX-License-Identifier: MIT */
#include "arena.h"

#include "mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	_Alignas(max_align_t) unsigned char bytes[];
};

void *
arena_alloc(struct arena *arena, size_t count, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	size_t wanted;

	/* More than there is: mem_zalloc says so. */
	if (__builtin_mul_overflow(count, size, &wanted) || wanted > SIZE_MAX / 2) {
		wanted = SIZE_MAX / 2;
	}
	wanted = (wanted + align - 1) & ~(align - 1);
	struct arena_chunk *chunk = arena->chunks;
	if (!chunk || chunk->size - chunk->used < wanted) {
		size_t room = wanted > 16384 ? wanted : 16384;
		chunk = mem_zalloc(1, sizeof(*chunk) + room);
		chunk->size = room;
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	void *memory = chunk->bytes + chunk->used;
	chunk->used += wanted;
	return memory;
}

char *
arena_strndup(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, length + 1, 1);

	memcpy(copy, text, length);
	return copy;
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cleanup_free char *text = mem_vprintf(format, args);
	va_end(args);
	return arena_strdup(arena, text);
}

void
arena_done(struct arena *arena)
{
	while (arena->chunks) {
		struct arena_chunk *next = arena->chunks->next;
		free(arena->chunks);
		arena->chunks = next;
	}
}
