/* SPDX-License-Identifier: MIT */
#include "progress/board.h"

#include "base/mem.h"
#include "build/build.h"
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

void
board_init(struct board *board, const struct plan *plan, uint64_t now_ms)
{
	*board = (struct board){.plan = plan, .began_ms = now_ms};
}

void
board_done(struct board *board)
{
	free(steal(board->rows));
}

const struct board_row *
board_find(const struct board *board, size_t action)
{
	for (size_t i = 0; i < board->row_count; i++) {
		if (board->rows[i].action == action) {
			return &board->rows[i];
		}
	}
	return NULL;
}

static struct board_row *
row_of(struct board *board, size_t action, uint64_t now_ms)
{
	const struct board_row *found = board_find(board, action);

	if (found) {
		return &board->rows[found - board->rows];
	}
	board->rows = mem_resize(board->rows, board->row_count + 1, sizeof(*board->rows));
	board->rows[board->row_count] = (struct board_row){.action = action, .began_ms = now_ms};
	return &board->rows[board->row_count++];
}

static void
remove_row(struct board *board, size_t action)
{
	const struct board_row *found = board_find(board, action);

	if (!found) {
		return;
	}
	size_t i = (size_t)(found - board->rows);
	memmove(&board->rows[i], &board->rows[i + 1],
		(board->row_count - i - 1) * sizeof(*board->rows));
	board->row_count--;
}

static void
finish(struct board *board, size_t action)
{
	const struct board_row *row = board_find(board, action);

	if (board->plan->actions[action].kind == ACTION_FETCH) {
		board->fetched++;
		board->fetched_bytes += row ? row->done : 0;
	} else {
		board->built++;
	}
	board->over++;
	remove_row(board, action);
}

/* Only the start of the last line is kept: a row shows no more of it. Lines come in pieces. */
static void
keep_last(struct board_row *row, const char *text, size_t length)
{
	bool ends = length > 0 && text[length - 1] == '\n';
	size_t whole = ends ? length - 1 : length;
	const char *newline = whole ? memrchr(text, '\n', whole) : NULL;
	const char *start = newline ? newline + 1 : text;
	size_t before = newline || !row->is_open ? 0 : row->last_length;
	size_t room = BOARD_LAST - 1 - before, more = whole - (size_t)(start - text);

	more = more < room ? more : room;
	memcpy(row->last + before, start, more);
	row->last_length = before + more;
	row->last[row->last_length] = '\0';
	row->is_open = !ends;
}

void
board_take(struct board *board, const struct build_event *event, uint64_t now_ms)
{
	struct board_row *row;

	switch (event->kind) {
	case BUILD_PLANNED:
		board->planned = event->count;
		return;
	case BUILD_WAITING:
		row_of(board, event->action, now_ms)->waits_for = (int)event->count;
		return;
	case BUILD_STARTED:
	case BUILD_PULLING:
		row = row_of(board, event->action, now_ms);
		row->began_ms = now_ms;
		row->waits_for = 0;
		row->is_pull = event->kind == BUILD_PULLING;
		return;
	case BUILD_PROGRESS:
		row = row_of(board, event->action, now_ms);
		row->done = event->count;
		row->total = event->total;
		return;
	case BUILD_OUTPUT:
		keep_last(row_of(board, event->action, now_ms), event->text, event->length);
		return;
	case BUILD_DONE:
		finish(board, event->action);
		return;
	case BUILD_FAILED:
		board->failed++;
		board->over++;
		remove_row(board, event->action);
		return;
	case BUILD_HIT:
		board->over += event->count;
		remove_row(board, event->action);
		return;
	case BUILD_PULLED:
		board->pulled++;
		board->pulled_bytes += event->count;
		board->over++;
		remove_row(board, event->action);
		return;
	case BUILD_NOT_PULLED:
		remove_row(board, event->action);
		return;
	case BUILD_WOULD_RUN:
	case BUILD_PACKED:
	case BUILD_NOTICE:
		return;
	}
}

uint64_t
board_bytes(const struct board *board)
{
	uint64_t bytes = board->fetched_bytes;

	for (size_t i = 0; i < board->row_count; i++) {
		bytes += board->rows[i].done;
	}
	return bytes;
}
