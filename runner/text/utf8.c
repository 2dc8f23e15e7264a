/* SPDX-License-Identifier: MIT */
#include "text/utf8.h"

/* The Unicode Standard, table 3-7. */
size_t
utf8_sequence(const char *text, size_t left)
{
	const unsigned char *at = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xbf;
	size_t length = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;

	if (length == 1) {
		return 1;
	}
	if (at[0] < 0xc2 || at[0] > 0xf4 || left < length) {
		return 0;
	}
	low = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : low;
	high = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : high;
	for (size_t i = 1; i < length; i++) {
		if (at[i] < low || at[i] > high) {
			return 0;
		}
		low = 0x80;
		high = 0xbf;
	}
	return length;
}

/* C0, DEL, the C1 controls that some terminals obey, and characters that turn text around
 * (bidirectional overrides and isolates, U+202A…202E and U+2066…2069). */
bool
utf8_is_control(const char *text, size_t length)
{
	const unsigned char *at = (const unsigned char *)text;

	if (length == 1) {
		return at[0] < 0x20 || at[0] == 0x7f;
	}
	if (length == 2) {
		return at[0] == 0xc2 && at[1] < 0xa0;
	}
	return length == 3 && at[0] == 0xe2 &&
	       ((at[1] == 0x80 && at[2] >= 0xaa && at[2] <= 0xae) ||
		       (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9));
}
