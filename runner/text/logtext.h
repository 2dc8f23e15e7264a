/* SPDX-License-Identifier: MIT */
/* Text that a step printed, or a recipe named something, made safe to show: no byte of it can
 * move the cursor, change a title or end up as broken UTF-8. */
#ifndef BRUN_LOGTEXT_H
#define BRUN_LOGTEXT_H

#include <stddef.h>

struct buf;

/* Appends one line's worth of text: escape sequences (colours, titles) vanish, a carriage return
 * starts the line over as it would on a terminal, a tab is a space, other control characters and
 * bytes that are not UTF-8 are '?'. A newline is a space. At most `columns` characters come out,
 * the last of them "…" where something was cut; 0: no limit. */
void logtext_add_line(struct buf *to, const char *text, size_t length, size_t columns);

/* Appends UTF-8 with nothing left out: bytes that are not UTF-8 become U+FFFD. For JSON. */
void logtext_add_utf8(struct buf *to, const char *text, size_t length);

/* How many columns a terminal takes for text that logtext_add_line made (two where unsure). */
size_t logtext_columns(const char *text, size_t length);

#endif
