/* SPDX-License-Identifier: MIT */
#include "progress/footer.h"

#include "base/buf.h"
#include "plan/plan.h"
#include "plan/wording.h"
#include "progress/board.h"
#include "text/amount.h"
#include "text/elapsed.h"
#include "text/logtext.h"

#include <string.h>

#define DIM    "\033[2m"
#define NORMAL "\033[0m"

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

void
footer_erase(struct footer *footer, size_t width, struct buf *text)
{
	size_t rows = 0;

	for (size_t i = 0; i < footer->count; i++) {
		rows += footer->columns[i] ? (footer->columns[i] - 1) / width + 1 : 1;
	}
	if (footer->count) {
		buf_putc(text, '\r');
		if (rows > 1) {
			buf_printf(text, "\033[%zuA", rows - 1);
		}
		buf_puts(text, "\033[J");
	}
	footer->count = 0;
}

static void
add_bytes(const struct board_row *row, struct buf *line)
{
	buf_puts(line, "  ");
	amount_add_bytes(line, row->done);
	if (row->total) {
		buf_puts(line, " of ");
		amount_add_bytes(line, row->total);
	}
}

/* "  building curl-8.8.0  12 s", and what it printed last. ret_plain: where that starts. */
static void
add_row(const struct board *board, const struct board_row *row, uint64_t now_ms, struct buf *line,
	size_t *ret_plain)
{
	const struct action *action = &board->plan->actions[row->action];
	const char *name = wording_name(action);

	buf_printf(line, "  %s ",
		row->waits_for ? "waiting for"
		: row->is_pull ? "pulling"
			       : wording_doing(action));
	logtext_add_line(line, name, strlen(name), 40);
	buf_puts(line, "  ");
	elapsed_add_live(line, now_ms > row->began_ms ? now_ms - row->began_ms : 0);
	if (row->done) {
		add_bytes(row, line);
	}
	*ret_plain = line->length;
	if (row->waits_for) {
		buf_printf(line, "  process %d does it", row->waits_for);
	} else if (row->last_length) {
		buf_puts(line, "  ");
		logtext_add_line(line, row->last, row->last_length, 0);
	}
}

static void
add_counts(const struct board *board, size_t shown, uint64_t now_ms, struct buf *line)
{
	uint64_t bytes = board_bytes(board);

	buf_printf(line, "%zu of %zu", board->over, board->planned);
	if (board->row_count > shown) {
		buf_printf(line, ", %zu more at work", board->row_count - shown);
	}
	if (board->failed) {
		buf_printf(line, ", %zu failed", board->failed);
	}
	if (bytes) {
		buf_puts(line, ", ");
		amount_add_bytes(line, bytes);
		buf_puts(line, " fetched");
	}
	buf_puts(line, ", ");
	elapsed_add_live(line, now_ms > board->began_ms ? now_ms - board->began_ms : 0);
}

/* Cuts a line to the width, dims what comes behind `plain` bytes of it, remembers its columns. */
static void
put_line(struct footer *footer, const struct buf *line, size_t plain, size_t width, bool has_color,
	struct buf *text)
{
	struct buf cut = {0};

	logtext_add_line(&cut, buf_text(line), line->length, width - 1);
	if (footer->count) {
		buf_putc(text, '\n');
	}
	plain = has_color ? smaller(plain, cut.length) : cut.length;
	if (cut.length) {
		buf_add(text, cut.data, plain);
	}
	if (plain < cut.length) {
		buf_printf(text, DIM "%s" NORMAL, cut.data + plain);
	}
	footer->columns[footer->count++] = logtext_columns(buf_text(&cut), cut.length);
	buf_done(&cut);
}

void
footer_draw(struct footer *footer, const struct board *board, size_t width, size_t height,
	uint64_t now_ms, bool has_color, struct buf *text)
{
	size_t room = smaller(height > 2 ? height - 2 : 1, FOOTER_ROWS - 1);
	size_t shown = smaller(board->row_count, room);

	if (!board->row_count || width < 2) {
		return;
	}
	for (size_t i = 0; i < shown; i++) {
		cleanup_buf struct buf line = {0};
		size_t plain;
		add_row(board, &board->rows[i], now_ms, &line, &plain);
		put_line(footer, &line, plain, width, has_color, text);
	}
	cleanup_buf struct buf line = {0};
	add_counts(board, shown, now_ms, &line);
	put_line(footer, &line, line.length, width, has_color, text);
}
