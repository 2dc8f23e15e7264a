/* SPDX-License-Identifier: MIT */
/* UTF-8 from strangers, character by character. */
#ifndef BRUN_UTF8_H
#define BRUN_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Length of the well-formed sequence that text begins with (1 to 4), or 0; left is at least 1. */
size_t utf8_sequence(const char *text, size_t left);

/* Would a terminal obey this sequence, instead of showing it, or turn the text around it? */
bool utf8_is_control(const char *text, size_t length);

#endif
