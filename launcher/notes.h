/* SPDX-License-Identifier: MIT */
/* What a person should know about an output although it was packed: the report's warnings. */
#ifndef BRUN_NOTES_H
#define BRUN_NOTES_H

#include "base/buf.h"

struct notes {
	struct buf text; /* one a line */
	unsigned count;
};

/* Adds one line; the same line only once, and only as many as a person would read. */
void notes_add(struct notes *notes, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text (heap), or NULL when there is none; the notes are empty again. */
char *notes_take(struct notes *notes);

#endif
