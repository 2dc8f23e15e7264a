/* SPDX-License-Identifier: MIT */
#include "buf.h"

#include "mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

char *
buf_reserve(struct buf *buf, size_t more)
{
	if (more > SIZE_MAX / 4 || buf->length > SIZE_MAX / 4) {
		mem_zalloc(SIZE_MAX, 2); /* aborts with the out-of-memory line */
	}
	size_t wanted = buf->length + more + 1;
	if (wanted > buf->capacity) {
		size_t capacity = buf->capacity ? buf->capacity : 64;
		while (capacity < wanted) {
			capacity *= 2;
		}
		buf->data = mem_resize(buf->data, capacity, 1);
		buf->capacity = capacity;
	}
	return buf->data + buf->length;
}

void
buf_add(struct buf *buf, const void *data, size_t length)
{
	char *end = buf_reserve(buf, length);

	if (length) {
		memcpy(end, data, length);
	}
	buf->length += length;
	buf->data[buf->length] = '\0';
}

void
buf_puts(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void
buf_putc(struct buf *buf, char byte)
{
	buf_add(buf, &byte, 1);
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	cleanup_free char *text = mem_vprintf(format, args);
	va_end(args);
	buf_puts(buf, text);
}

const char *
buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

char *
buf_take(struct buf *buf)
{
	buf_add(buf, "", 0);
	char *data = buf->data;
	*buf = (struct buf){0};
	return data;
}

void
buf_done(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}
