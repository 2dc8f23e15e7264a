/* SPDX-License-Identifier: MIT */
#include "mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
check(void *memory)
{
	if (!memory) {
		fputs("brun: out of memory\n", stderr);
		abort();
	}
	return memory;
}

void *
mem_alloc(size_t size)
{
	return check(malloc(size ? size : 1));
}

void *
mem_zalloc(size_t count, size_t size)
{
	return check(calloc(count ? count : 1, size ? size : 1));
}

void *
mem_resize(void *old, size_t count, size_t size)
{
	/* A size of 0 would free in some C libraries: keep one element. */
	return check(reallocarray(old, count ? count : 1, size ? size : 1));
}

char *
mem_strdup(const char *text)
{
	return check(strdup(text));
}

char *
mem_strndup(const char *text, size_t length)
{
	return check(strndup(text, length));
}

char *
mem_vprintf(const char *format, va_list args)
{
	char *text;

	return check(vasprintf(&text, format, args) < 0 ? NULL : text);
}

char *
mem_printf(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = mem_vprintf(format, args);
	va_end(args);
	return text;
}

void
mem_free_slot(void *slot)
{
	void *memory;

	memcpy(&memory, slot, sizeof(memory));
	free(memory);
}
