/* SPDX-License-Identifier: MIT */
#include "text/quote.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#include <errno.h>
#include <string.h>

enum { QUOTE_MAX = 400 };

char *
quote_path(const char *path)
{
	struct buf text = {0};

	buf_putc(&text, '\'');
	for (; *path && text.length < QUOTE_MAX; path++) {
		unsigned char byte = (unsigned char)*path;
		if (byte == '\n') {
			buf_puts(&text, "\\n");
		} else if (byte < 0x20 || byte == 0x7f) {
			buf_printf(&text, "\\x%02x", byte);
		} else {
			buf_putc(&text, *path);
		}
	}
	buf_puts(&text, *path ? "…'" : "'");
	return buf_take(&text);
}

int
quote_failure(const char *verb, const char *path, struct err *err)
{
	int number = errno;
	cleanup_free char *name = quote_path(path);

	return err_set(err, number, "%s %s", verb, name);
}

void
quote_for_shell(const char *word, struct buf *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./:=@%+,-";

	if (*word && !word[strspn(word, plain)]) {
		buf_puts(text, word);
		return;
	}
	buf_putc(text, '\'');
	for (; *word; word++) {
		buf_puts(text, *word == '\'' ? "'\\''" : (const char[]){*word, '\0'});
	}
	buf_putc(text, '\'');
}
