/* SPDX-License-Identifier: MIT */
/* The live part of the display: what runs, below everything that has been said for good. */
#ifndef BRUN_FOOTER_H
#define BRUN_FOOTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct board;
struct buf;

enum { FOOTER_ROWS = 16 };

/* What stands on the terminal: how many columns each line of it took. Zero: nothing. */
struct footer {
	size_t columns[FOOTER_ROWS];
	size_t count;
};

/* Appends what erases the footer. The terminal may have become narrower since it was drawn: then
 * its lines take several rows each now. */
void footer_erase(struct footer *footer, size_t width, struct buf *text);

/* Appends the footer and remembers it; nothing where nothing runs. No line is as long as `width`,
 * no more lines than `height` less one. The cursor stays at the end of the last line. */
void footer_draw(struct footer *footer, const struct board *board, size_t width, size_t height,
	uint64_t now_ms, bool has_color, struct buf *text);

#endif
