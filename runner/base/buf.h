/* SPDX-License-Identifier: MIT */
/* A growing byte buffer. Zero-initialise; always NUL-terminated once written to. */
#ifndef BRUN_BUF_H
#define BRUN_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *data;	 /* owned; NULL while nothing was written */
	size_t length;	 /* bytes in use, the terminating NUL not counted */
	size_t capacity; /* bytes allocated */
};

/* Appends bytes; NUL bytes inside are kept. */
void buf_add(struct buf *buf, const void *data, size_t length);
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char byte);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes room for `more` bytes beyond length and returns where they go; length is the caller's. */
char *buf_reserve(struct buf *buf, size_t more) __attribute__((returns_nonnull));

/* The text so far, never NULL. Borrowed until the next write. */
const char *buf_text(const struct buf *buf);

/* Hands the memory over (never NULL, NUL-terminated); the buffer is empty again. */
char *buf_take(struct buf *buf) __attribute__((returns_nonnull));

void buf_done(struct buf *buf);

/* At a declaration: frees the buffer when the scope ends. */
#define cleanup_buf __attribute__((cleanup(buf_done)))

#endif
