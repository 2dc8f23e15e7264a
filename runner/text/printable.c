/* SPDX-License-Identifier: MIT */
#include "text/printable.h"

#include "base/buf.h"
#include "text/utf8.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { NAME_LENGTH = 200 };

/* `kept` are the control characters that stay. */
static char *
printable(const char *text, size_t most, const char *kept)
{
	struct buf safe = {0};
	size_t left = strlen(text);

	while (left > 0) {
		size_t length = utf8_sequence(text, left);
		size_t taken = length ? length : 1;
		bool is_shown = length && (!utf8_is_control(text, length) || strchr(kept, *text));
		if (safe.length + taken > most) {
			buf_puts(&safe, "...");
			break;
		}
		buf_add(&safe, is_shown ? text : "?", is_shown ? length : 1);
		text += taken;
		left -= taken;
	}
	return buf_take(&safe);
}

char *
printable_name(const char *text)
{
	return printable(text, NAME_LENGTH, "");
}

char *
printable_text(const char *text)
{
	return printable(text, SIZE_MAX, "\n\t");
}
