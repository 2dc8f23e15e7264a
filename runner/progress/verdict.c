/* SPDX-License-Identifier: MIT */
#include "progress/verdict.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"
#include "build/build.h"
#include "plan/plan.h"
#include "plan/wording.h"
#include "progress/board.h"
#include "progress/packed.h"
#include "text/amount.h"
#include "text/elapsed.h"
#include "text/logtext.h"

#include <string.h>

enum { SLOW_MS = 1000 };

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define NORMAL "\033[0m"

static void
add_word(const struct verdict *verdict, const char *color, const char *word, struct buf *text)
{
	buf_puts(text, verdict->has_color ? color : "");
	buf_puts(text, word);
	buf_puts(text, verdict->has_color ? NORMAL : "");
}

static void
add_name(const struct verdict *verdict, const struct build_event *event, struct buf *text)
{
	const char *name = wording_name(&verdict->plan->actions[event->action]);

	buf_putc(text, ' ');
	logtext_add_line(text, name, strlen(name), 100);
}

static void
add_start(const struct verdict *verdict, const struct build_event *event, struct buf *text)
{
	const struct action *action = &verdict->plan->actions[event->action];

	if (verdict->tells_starts && wording_is_notable(action)) {
		buf_puts(text, wording_doing(action));
		add_name(verdict, event, text);
		buf_putc(text, '\n');
	}
}

static void
add_waiting(const struct verdict *verdict, const struct build_event *event, struct buf *text)
{
	if (verdict->tells_starts) {
		buf_puts(text, "waiting for");
		add_name(verdict, event, text);
		buf_printf(text, ": process %d does it\n", (int)event->count);
	}
}

/* Quick work that only moves files about is not worth a line, nor are a hundred small fetches. */
static void
add_verdict(const struct verdict *verdict, const struct build_event *event, struct buf *text)
{
	const struct action *action = &verdict->plan->actions[event->action];
	const struct board_row *row = board_find(verdict->board, event->action);

	if (!wording_is_notable(action) && event->wall_ms < SLOW_MS) {
		return;
	}
	add_word(verdict, GREEN, wording_done(action), text);
	add_name(verdict, event, text);
	if (row && row->done) {
		buf_puts(text, ", ");
		amount_add_bytes(text, row->done);
	}
	buf_puts(text, ", ");
	elapsed_add(text, event->wall_ms);
	buf_putc(text, '\n');
}

static void
add_lines(const char *lines, struct buf *text)
{
	while (*lines) {
		size_t length = strcspn(lines, "\n");
		logtext_add_line(text, lines, length, 0);
		buf_putc(text, '\n');
		lines += length + (lines[length] == '\n');
	}
}

static void
add_failure(const struct verdict *verdict, const struct build_event *event, struct buf *text)
{
	add_word(verdict, RED, "failed", text);
	if (verdict->board->failed == 0) {
		add_name(verdict, event, text);
		buf_puts(text, ", ");
		elapsed_add(text, event->wall_ms);
		buf_putc(text, '\n');
	} else {
		buf_putc(text, ' ');
		add_lines(event->err->text, text);
	}
}

/* Its warnings are in the action's log, too. */
static void
add_report(const struct verdict *verdict, const struct build_event *event, struct buf *text)
{
	char hex[DIGEST_HEX] = "";
	cleanup_buf struct buf where = {0};

	if (event->key) {
		digest_hex(event->key, hex);
	}
	buf_printf(&where, "brun log %.16s", hex);
	packed_add_warnings(text, event->report, buf_text(&where));
	buf_puts(text, "packed");
	add_name(verdict, event, text);
	buf_puts(text, ": ");
	packed_add_words(text, event->report);
	buf_putc(text, '\n');
}

static void
add_would_run(const struct verdict *verdict, const struct build_event *event, struct buf *text)
{
	const struct action *action = &verdict->plan->actions[event->action];

	buf_printf(text, "would run: %s", action_kind_name(action->kind));
	add_name(verdict, event, text);
	buf_puts(text, event->key || action->kind == ACTION_FETCH
			       ? "\n"
			       : ", unless its inputs come out as before\n");
}

static void
add_pulled(const struct verdict *verdict, const struct build_event *event, struct buf *text)
{
	const struct action *action = &verdict->plan->actions[event->action];

	if (!wording_is_notable(action) && event->wall_ms < SLOW_MS) {
		return;
	}
	add_word(verdict, GREEN, "pulled", text);
	add_name(verdict, event, text);
	buf_puts(text, ", ");
	amount_add_bytes(text, event->count);
	buf_puts(text, ", ");
	elapsed_add(text, event->wall_ms);
	buf_putc(text, '\n');
}

void
verdict_add(const struct verdict *verdict, const struct build_event *event, struct buf *text)
{
	switch (event->kind) {
	case BUILD_STARTED:
		add_start(verdict, event, text);
		return;
	case BUILD_WAITING:
		add_waiting(verdict, event, text);
		return;
	case BUILD_DONE:
		add_verdict(verdict, event, text);
		return;
	case BUILD_FAILED:
		add_failure(verdict, event, text);
		return;
	case BUILD_WOULD_RUN:
		add_would_run(verdict, event, text);
		return;
	case BUILD_PULLED:
		add_pulled(verdict, event, text);
		return;
	case BUILD_PACKED:
		add_report(verdict, event, text);
		return;
	case BUILD_NOTICE:
		add_lines(event->text, text);
		return;
	case BUILD_PLANNED:
	case BUILD_PROGRESS:
	case BUILD_OUTPUT:
	case BUILD_HIT:
	case BUILD_PULLING:
	case BUILD_NOT_PULLED:
		return;
	}
}

void
verdict_add_summary(const struct verdict *verdict, bool is_dry, uint64_t now_ms, struct buf *text)
{
	const struct board *board = verdict->board;

	if (is_dry) {
		buf_printf(text, "%zu to run at most\n", board->planned);
	}
	if (board->built + board->fetched + board->pulled + board->failed == 0) {
		return;
	}
	buf_printf(text, "%zu done", board->built);
	if (board->pulled) {
		buf_printf(text, ", %zu pulled (", board->pulled);
		amount_add_bytes(text, board->pulled_bytes);
		buf_putc(text, ')');
	}
	if (board->fetched) {
		buf_printf(text, ", %zu fetched", board->fetched);
	}
	if (board->fetched_bytes) {
		buf_puts(text, " (");
		amount_add_bytes(text, board->fetched_bytes);
		buf_putc(text, ')');
	}
	if (board->failed) {
		buf_printf(text, ", %zu failed", board->failed);
	}
	buf_puts(text, " in ");
	elapsed_add(text, now_ms - board->began_ms);
	buf_putc(text, '\n');
}
