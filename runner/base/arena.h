/* SPDX-License-Identifier: MIT */
/* Many small allocations with one common end of life. Not thread-safe. */
#ifndef BRUN_ARENA_H
#define BRUN_ARENA_H

#include <stddef.h>

/* Zero-initialise it. */
struct arena {
	struct arena_chunk *chunks;
};

/* Zeroed memory from the arena, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t count, size_t size) __attribute__((returns_nonnull));
char *arena_strdup(struct arena *arena, const char *text) __attribute__((returns_nonnull));
char *arena_strndup(struct arena *arena, const char *text, size_t length)
	__attribute__((returns_nonnull));
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((returns_nonnull, format(printf, 2, 3)));

/* Frees everything that came from the arena; it can be used anew. */
void arena_done(struct arena *arena);

#endif
