/* SPDX-License-Identifier: MIT */
/* JSON strings of bytes that came from anywhere. */
#ifndef BRUN_JSONTEXT_H
#define BRUN_JSONTEXT_H

#include <stddef.h>

struct buf;

/* Appends the text as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void jsontext_add(struct buf *line, const char *text, size_t length);

#endif
