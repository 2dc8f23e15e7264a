/* SPDX-License-Identifier: MIT */
/* What a build is at right now: fed with events, read by whatever draws. */
#ifndef BRUN_BOARD_H
#define BRUN_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct build_event;
struct plan;

enum { BOARD_LAST = 160 };

/* An action that somebody works on. */
struct board_row {
	size_t action;
	uint64_t began_ms;
	uint64_t done, total;  /* bytes, of a fetch */
	int waits_for;	       /* a process that does it, or 0 */
	char last[BOARD_LAST]; /* the start of the last line it printed; ends in NUL */
	size_t last_length;
	bool is_open; /* that line goes on in the next piece */
	bool is_pull; /* it comes from a cache */
};

struct board {
	const struct plan *plan;
	struct board_row *rows; /* in the order of their start */
	size_t row_count;
	size_t planned, over; /* over: of planned, done, failed, or came out not to need a run */
	size_t fetched, built, pulled, failed;
	uint64_t fetched_bytes, pulled_bytes; /* of those that are over */
	uint64_t began_ms;
};

/* The plan is borrowed; now_ms is clock_now_ms's, as in all of these. */
void board_init(struct board *board, const struct plan *plan, uint64_t now_ms);
void board_done(struct board *board);

/* Takes an event that came at that time. */
void board_take(struct board *board, const struct build_event *event, uint64_t now_ms);

/* The row of an action that is under way, or NULL. */
const struct board_row *board_find(const struct board *board, size_t action);

/* Bytes that came over the network so far. */
uint64_t board_bytes(const struct board *board);

#endif
