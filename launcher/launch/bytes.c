/* SPDX-License-Identifier: MIT */
#include "launch.h"

size_t
text_length(const char *text)
{
	size_t length = 0;

	while (text[length] != '\0') {
		length++;
	}
	return length;
}

bool
text_has(const char *text, char byte)
{
	while (*text != '\0' && *text != byte) {
		text++;
	}
	return *text != '\0';
}

char *
text_put(char *at, const char *text)
{
	while ((*at = *text++) != '\0') {
		at++;
	}
	return at;
}
