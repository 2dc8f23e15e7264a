/* SPDX-License-Identifier: MIT */
#include "printable.h"

#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { NAME_LENGTH = 200 };

/* C0, DEL, and U+0080..U+009F (two bytes in UTF-8), which some terminals obey like escapes. */
static bool
is_control(const char *at)
{
	unsigned char byte = (unsigned char)at[0], next = byte ? (unsigned char)at[1] : 0;

	return byte < 0x20 || byte == 0x7f || (byte == 0xc2 && next >= 0x80 && next <= 0x9f);
}

static char *
replace_controls(char *text, const char *kept)
{
	for (char *at = text; *at; at++) {
		if (is_control(at) && !strchr(kept, *at)) {
			*at = '?';
		}
	}
	return text;
}

char *
printable_name(const char *text)
{
	size_t length = strnlen(text, NAME_LENGTH + 1);

	if (length <= NAME_LENGTH) {
		return replace_controls(mem_strdup(text), "");
	}
	return replace_controls(mem_printf("%.*s...", (int)NAME_LENGTH, text), "");
}

char *
printable_text(const char *text)
{
	return replace_controls(mem_strdup(text), "\n\t");
}
