/* SPDX-License-Identifier: MIT */
#include "logtext.h"

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { ESCAPE = 0x1b, DELETE = 0x7f, BELL = 0x07 };

/* Length of the well-formed UTF-8 sequence at `at` (The Unicode Standard, table 3-7), or 0. */
static size_t
sequence(const unsigned char *at, size_t left)
{
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
static bool
is_control(const unsigned char *at, size_t length)
{
	if (length == 1) {
		return at[0] < 0x20 || at[0] == DELETE;
	}
	if (length == 2) {
		return at[0] == 0xc2 && at[1] < 0xa0;
	}
	return length == 3 && at[0] == 0xe2 &&
	       ((at[1] == 0x80 && at[2] >= 0xaa && at[2] <= 0xae) ||
		       (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9));
}

/* Bytes of the escape sequence at `at` (ECMA-48, 5.4 and 5.6), as far as it goes. */
static size_t
escape(const unsigned char *at, size_t left)
{
	size_t i = 2;

	if (left < 2) {
		return left;
	}
	if (at[1] == '[') {
		while (i < left && at[i] >= 0x20 && at[i] <= 0x3f) {
			i++;
		}
		return i < left && at[i] >= 0x40 && at[i] <= 0x7e ? i + 1 : i;
	}
	if (at[1] == ']' || at[1] == 'P' || at[1] == '^' || at[1] == '_' || at[1] == 'X') {
		while (i < left && at[i] != BELL && at[i] != ESCAPE && at[i] != '\n') {
			i++;
		}
		return i < left && at[i] == BELL			      ? i + 1
		       : i + 1 < left && at[i] == ESCAPE && at[i + 1] == '\\' ? i + 2
									      : i;
	}
	return at[1] >= 0x20 && at[1] <= 0x7e ? 2 : 1;
}

static size_t
trimmed(const char *text, size_t length)
{
	while (length > 0 && (text[length - 1] == '\r' || text[length - 1] == '\n')) {
		length--;
	}
	return length;
}

/* Where that starts which stays of the line on a terminal. */
static size_t
last_return(const char *text, size_t length)
{
	const char *found = length ? memrchr(text, '\r', length) : NULL;

	return found ? (size_t)(found - text) + 1 : 0;
}

/* Takes one character, or an escape sequence, off the text; returns what it shows as. */
static const char *
shown(const unsigned char *at, size_t left, size_t *ret_taken, size_t *ret_length)
{
	size_t length = sequence(at, left);

	*ret_taken = length ? length : 1;
	*ret_length = 1;
	if (at[0] == ESCAPE) {
		*ret_taken = escape(at, left);
		*ret_length = 0;
		return "";
	}
	if (at[0] == '\t' || at[0] == '\n') {
		return " ";
	}
	if (!length || is_control(at, length)) {
		return "?";
	}
	*ret_length = length;
	return (const char *)at;
}

void
logtext_add_line(struct buf *to, const char *text, size_t length, size_t columns)
{
	size_t used = 0, fits = to->length;

	length = trimmed(text, length);
	for (size_t at = last_return(text, length); at < length;) {
		size_t taken, size;
		const char *piece =
			shown((const unsigned char *)text + at, length - at, &taken, &size);
		at += taken;
		buf_add(to, piece, size);
		used += logtext_columns(piece, size);
		if (columns && used > columns) {
			to->length = fits;
			buf_puts(to, "…");
			return;
		}
		fits = used < columns ? to->length : fits;
	}
}

void
logtext_add_utf8(struct buf *to, const char *text, size_t length)
{
	const unsigned char *at = (const unsigned char *)text;

	for (size_t i = 0; i < length;) {
		size_t size = sequence(at + i, length - i);
		if (size) {
			buf_add(to, at + i, size);
		} else {
			buf_puts(to, "\xef\xbf\xbd");
		}
		i += size ? size : 1;
	}
}

/* One column for the alphabets and for punctuation (below U+1100, U+2000 to U+22FF), two for the
 * rest: East Asian text and emoji are that wide, and too much does no harm. */
static size_t
columns_of(unsigned char first, unsigned char second)
{
	if (first < 0x80 || (first >= 0xc0 && first < 0xe1) || (first == 0xe1 && second < 0x84)) {
		return 1;
	}
	if (first < 0xc0) {
		return 0;
	}
	return first == 0xe2 && second < 0x8c ? 1 : 2;
}

size_t
logtext_columns(const char *text, size_t length)
{
	size_t columns = 0;

	for (size_t i = 0; i < length; i++) {
		columns += columns_of(
			(unsigned char)text[i], i + 1 < length ? (unsigned char)text[i + 1] : 0);
	}
	return columns;
}
