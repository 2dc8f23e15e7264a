/* SPDX-License-Identifier: MIT */
/* Memory: allocation that aborts instead of failing, and scope-bound clean-up. */
#ifndef BRUN_MEM_H
#define BRUN_MEM_H

#include <stdarg.h>
#include <stddef.h>

/* Allocation; out of memory prints one line and aborts. Sizes are bytes, products are checked. */
void *mem_alloc(size_t size) __attribute__((malloc, returns_nonnull));
void *mem_zalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *mem_resize(void *old, size_t count, size_t size) __attribute__((returns_nonnull));
char *mem_strdup(const char *text) __attribute__((malloc, returns_nonnull));
char *mem_strndup(const char *text, size_t length) __attribute__((malloc, returns_nonnull));
char *mem_printf(const char *format, ...)
	__attribute__((malloc, returns_nonnull, format(printf, 1, 2)));
char *mem_vprintf(const char *format, va_list args)
	__attribute__((malloc, returns_nonnull, format(printf, 1, 0)));

/* Frees *(void **)slot; for cleanup_free. */
void mem_free_slot(void *slot);

/* At a declaration: frees the pointer when the scope ends. */
#define cleanup_free __attribute__((cleanup(mem_free_slot)))

/* Gives a pointer away: the variable becomes NULL, the value is the expression's. */
#define steal(pointer)                                                                             \
	({                                                                                         \
		__typeof__(pointer) stolen_ = (pointer);                                           \
		(pointer) = NULL;                                                                  \
		stolen_;                                                                           \
	})

#endif
