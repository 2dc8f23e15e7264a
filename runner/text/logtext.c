/* SPDX-License-Identifier: MIT */
#include "text/logtext.h"

#include "base/buf.h"
#include "text/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { ESCAPE = 0x1b, BELL = 0x07 };

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
	size_t length = utf8_sequence((const char *)at, left);

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
	if (!length || utf8_is_control((const char *)at, length)) {
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
	for (size_t i = 0; i < length;) {
		size_t size = utf8_sequence(text + i, length - i);
		if (size) {
			buf_add(to, text + i, size);
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
