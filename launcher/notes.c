/* SPDX-License-Identifier: MIT */
#include "notes.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOTES_MAX = 100 };

void
notes_add(struct notes *notes, const char *format, ...)
{
	va_list arguments;
	char line[1024];

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	for (char *at = line; *at; at++) {
		*at = *at == '\n' ? ' ' : *at;
	}
	cleanup_free char *whole = mem_printf("%s\n", line);
	const char *found = strstr(buf_text(&notes->text), whole);
	if (found && (found == notes->text.data || found[-1] == '\n')) {
		return;
	}
	if (notes->count < NOTES_MAX) {
		buf_puts(&notes->text, whole);
	}
	notes->count++;
}

char *
notes_take(struct notes *notes)
{
	if (notes->count > NOTES_MAX) {
		buf_printf(&notes->text, "and %u more\n", notes->count - NOTES_MAX);
	}
	notes->count = 0;
	return notes->text.length > 0 ? buf_take(&notes->text) : NULL;
}
