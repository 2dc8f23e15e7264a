/* SPDX-License-Identifier: MIT */
/* A terminal as far as the display uses one: text that wraps, CR, LF, cursor up, erase below;
 * colours are dropped. What scrolls off the top is kept: row 0 is the first ever written. */
#ifndef BRUN_SCREEN_H
#define BRUN_SCREEN_H

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SCREEN_ROWS = 64, SCREEN_COLUMNS = 200 };

struct screen {
	size_t width, row, column, escapes;
	bool has_unknown; /* a sequence that the display has no business with */
	char cells[SCREEN_ROWS][SCREEN_COLUMNS + 1];
};

static inline void
screen_erase_below(struct screen *screen)
{
	memset(screen->cells[screen->row] + screen->column, 0, SCREEN_COLUMNS - screen->column);
	for (size_t row = screen->row + 1; row < SCREEN_ROWS; row++) {
		memset(screen->cells[row], 0, SCREEN_COLUMNS);
	}
}

static inline void
screen_obey(struct screen *screen, char final, size_t number)
{
	screen->escapes++;
	if (final == 'A') {
		assert(number <= screen->row);
		screen->row -= number;
	} else if (final == 'J') {
		screen_erase_below(screen);
	} else if (final != 'm') {
		screen->has_unknown = true;
	}
}

static inline void
screen_put(struct screen *screen, char byte)
{
	if (screen->column == screen->width) {
		screen->column = 0;
		screen->row++;
	}
	assert(screen->row < SCREEN_ROWS);
	screen->cells[screen->row][screen->column++] = byte;
}

static inline void
screen_feed(struct screen *screen, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\r') {
			screen->column = 0;
		} else if (text[i] == '\n') {
			screen->column = 0;
			screen->row++;
		} else if (text[i] == '\033') {
			char *end;
			size_t number = strtoul(text + i + 2, &end, 10);
			i = (size_t)(end - text);
			screen_obey(screen, *end, number);
		} else {
			screen_put(screen, text[i]);
		}
	}
}

/* All rows up to the cursor's, newline-separated; the caller frees. */
static inline char *
screen_text(const struct screen *screen)
{
	char *text = calloc(SCREEN_ROWS, SCREEN_COLUMNS + 2);

	assert(text);
	for (size_t row = 0; row <= screen->row; row++) {
		strcat(text, screen->cells[row]);
		strcat(text, row < screen->row ? "\n" : "");
	}
	return text;
}

#endif
