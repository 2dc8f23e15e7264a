/* SPDX-License-Identifier: MIT */
/* Whatever a step prints, what is shown of it is one line of plain UTF-8 of no more than the
 * columns asked for. The first byte of the input is that number. */
#include "text/logtext.h"

#include "base/buf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_is_plain(const struct buf *line)
{
	cleanup_buf struct buf again = {0};

	for (size_t i = 0; i < line->length; i++) {
		unsigned char byte = (unsigned char)line->data[i];
		if (byte < 0x20 || byte == 0x7f) {
			abort();
		}
		if (byte == 0xc2 && (unsigned char)line->data[i + 1] < 0xa0) {
			abort();
		}
	}
	logtext_add_utf8(&again, buf_text(line), line->length);
	if (again.length != line->length ||
		memcmp(buf_text(&again), buf_text(line), line->length) != 0) {
		abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_buf struct buf line = {0};

	if (size < 1) {
		return 0;
	}
	/* A copy of just that size: one byte read too many is seen. */
	char *text = malloc(size - 1);
	if (size > 1) {
		memcpy(text, data + 1, size - 1);
	}
	logtext_add_line(&line, text, size - 1, data[0]);
	check_is_plain(&line);
	if (data[0] && logtext_columns(buf_text(&line), line.length) > data[0]) {
		abort();
	}
	free(text);
	return 0;
}
