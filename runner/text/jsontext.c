/* SPDX-License-Identifier: MIT */
#include "text/jsontext.h"

#include "base/buf.h"
#include "text/logtext.h"

static void
add_escaped(struct buf *line, unsigned char byte)
{
	if (byte == '"' || byte == '\\') {
		buf_putc(line, '\\');
		buf_putc(line, (char)byte);
	} else if (byte == '\n') {
		buf_puts(line, "\\n");
	} else if (byte < 0x20 || byte == 0x7f) {
		buf_printf(line, "\\u%04x", byte);
	} else {
		buf_putc(line, (char)byte);
	}
}

void
jsontext_add(struct buf *line, const char *text, size_t length)
{
	cleanup_buf struct buf clean = {0};

	logtext_add_utf8(&clean, text, length);
	buf_putc(line, '"');
	for (size_t i = 0; i < clean.length; i++) {
		add_escaped(line, (unsigned char)clean.data[i]);
	}
	buf_putc(line, '"');
}
