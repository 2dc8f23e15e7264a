/* SPDX-License-Identifier: MIT */
#include "launcher/shell.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct text {
	const char *bytes;
	size_t size, end; /* of the path before */
};

/* A path lies in the text, behind the one before, and reads like one. */
static void
check(void *context, const struct shell_path *path)
{
	struct text *text = context;

	if (path->at < text->end || path->length < 2 || path->length > text->size - path->at ||
		text->bytes[path->at] != '/' ||
		memchr(text->bytes + path->at, '\0', path->length) != NULL) {
		abort();
	}
	text->end = path->at + path->length;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = {(const char *)data, size, 0};

	shell_each_path(text.bytes, size, check, &text);
	return 0;
}
