/* SPDX-License-Identifier: MIT */
/* Whatever is said for good (verdicts) is the same on a terminal and on a pipe, but that a pipe
 * also hears of starts, having no footer. The first failure is whole in what the build returns and
 * gets one line here; later ones are shown whole. */
#include "progress/progress.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "build/build.h"
#include "plan/plan.h"
#include "plan/wording.h"
#include "progress/board.h"
#include "progress/footer.h"
#include "progress/packed.h"
#include "progress/progress_json.h"
#include "text/amount.h"
#include "text/elapsed.h"
#include "text/logtext.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { REDRAW_MS = 100, SLOW_MS = 1000 };

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define NORMAL "\033[0m"

struct progress {
	const struct plan *plan;
	int fd;
	enum progress_mode mode;
	bool has_color, is_dry, has_ticker, is_over;
	pthread_mutex_t mutex; /* everything below, and the terminal */
	pthread_cond_t woken;
	pthread_t ticker;
	struct board board;
	struct footer footer;
	struct buf reports; /* what the packer made, for the end */
};

static bool
is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

static bool
is_capable_terminal(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

/* no-color.org: NO_COLOR counts when it is not empty; what the command line says goes first. */
static bool
wants_color(int fd, const char *color)
{
	if (strcmp(color, "auto") != 0) {
		return strcmp(color, "always") == 0;
	}
	return !is_set("NO_COLOR") && is_capable_terminal(fd);
}

/* Asked for at each draw: nothing has to be told that the window changed. */
static void
measure(const struct progress *progress, size_t *ret_width, size_t *ret_height)
{
	struct winsize size;
	bool is_known = ioctl(progress->fd, TIOCGWINSZ, &size) == 0;

	*ret_width = is_known && size.ws_col ? size.ws_col : 80;
	*ret_height = is_known && size.ws_row ? size.ws_row : 24;
}

/* Says something for good, above the footer. One write: nothing flickers. */
static void
draw(struct progress *progress, const struct buf *said)
{
	cleanup_buf struct buf text = {0};
	size_t width, height;

	measure(progress, &width, &height);
	if (progress->mode == PROGRESS_TERMINAL) {
		footer_erase(&progress->footer, width, &text);
	}
	if (said && said->length) {
		buf_add(&text, said->data, said->length);
	}
	if (progress->mode == PROGRESS_TERMINAL && !progress->is_over) {
		footer_draw(&progress->footer, &progress->board, width, height, clock_now_ms(),
			progress->has_color, &text);
	}
	if (text.length) {
		fs_write_all(progress->fd, text.data, text.length, NULL);
	}
}

/* Under the mutex: until it is time to draw again, or all is over. */
static void
pause_drawing(struct progress *progress)
{
	struct timespec until;
	int result = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += REDRAW_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	while (!progress->is_over && result != ETIMEDOUT) {
		result = pthread_cond_timedwait(&progress->woken, &progress->mutex, &until);
	}
}

/* The footer's clock: at rest while nothing runs. */
static void *
tick(void *context)
{
	struct progress *progress = context;

	pthread_mutex_lock(&progress->mutex);
	while (!progress->is_over) {
		if (!progress->board.row_count && !progress->footer.count) {
			pthread_cond_wait(&progress->woken, &progress->mutex);
			continue;
		}
		pause_drawing(progress);
		if (!progress->is_over) {
			draw(progress, NULL);
		}
	}
	pthread_mutex_unlock(&progress->mutex);
	return NULL;
}

static void
start_ticker(struct progress *progress)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&progress->woken, &attributes);
	pthread_condattr_destroy(&attributes);
	progress->has_ticker = progress->mode == PROGRESS_TERMINAL &&
			       pthread_create(&progress->ticker, NULL, tick, progress) == 0;
}

struct progress *
progress_new(const struct plan *plan, int fd, enum progress_mode mode, const char *color)
{
	struct progress *progress = mem_zalloc(1, sizeof *progress);

	if (mode == PROGRESS_AUTO) {
		mode = is_capable_terminal(fd) ? PROGRESS_TERMINAL : PROGRESS_PIPE;
	}
	progress->plan = plan;
	progress->fd = fd;
	progress->mode = mode;
	progress->has_color = wants_color(fd, color);
	pthread_mutex_init(&progress->mutex, NULL);
	board_init(&progress->board, plan, clock_now_ms());
	start_ticker(progress);
	return progress;
}

static void
add_word(const struct progress *progress, const char *color, const char *word, struct buf *text)
{
	buf_puts(text, progress->has_color ? color : "");
	buf_puts(text, word);
	buf_puts(text, progress->has_color ? NORMAL : "");
}

static void
add_name(const struct progress *progress, const struct build_event *event, struct buf *text)
{
	const char *name = wording_name(&progress->plan->actions[event->action]);

	buf_putc(text, ' ');
	logtext_add_line(text, name, strlen(name), 100);
}

static void
add_start(const struct progress *progress, const struct build_event *event, struct buf *text)
{
	const struct action *action = &progress->plan->actions[event->action];

	if (progress->mode == PROGRESS_PIPE && wording_is_notable(action)) {
		buf_puts(text, wording_doing(action));
		add_name(progress, event, text);
		buf_putc(text, '\n');
	}
}

static void
add_waiting(const struct progress *progress, const struct build_event *event, struct buf *text)
{
	if (progress->mode == PROGRESS_PIPE) {
		buf_puts(text, "waiting for");
		add_name(progress, event, text);
		buf_printf(text, ": process %d does it\n", (int)event->count);
	}
}

/* Quick work that only moves files about is not worth a line, nor are a hundred small fetches. */
static void
add_verdict(const struct progress *progress, const struct build_event *event, struct buf *text)
{
	const struct action *action = &progress->plan->actions[event->action];
	const struct board_row *row = board_find(&progress->board, event->action);

	if (!wording_is_notable(action) && event->wall_ms < SLOW_MS) {
		return;
	}
	add_word(progress, GREEN, wording_done(action), text);
	add_name(progress, event, text);
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
add_failure(const struct progress *progress, const struct build_event *event, struct buf *text)
{
	add_word(progress, RED, "failed", text);
	if (progress->board.failed == 0) {
		add_name(progress, event, text);
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
add_report(const struct progress *progress, const struct build_event *event, struct buf *text)
{
	char hex[DIGEST_HEX] = "";
	cleanup_buf struct buf where = {0};

	if (event->key) {
		digest_hex(event->key, hex);
	}
	buf_printf(&where, "brun log %.16s", hex);
	packed_add_warnings(text, event->report, buf_text(&where));
	buf_puts(text, "packed");
	add_name(progress, event, text);
	buf_puts(text, ": ");
	packed_add_words(text, event->report);
	buf_putc(text, '\n');
}

static void
add_would_run(const struct progress *progress, const struct build_event *event, struct buf *text)
{
	const struct action *action = &progress->plan->actions[event->action];

	buf_printf(text, "would run: %s", action_kind_name(action->kind));
	add_name(progress, event, text);
	buf_puts(text, event->key || action->kind == ACTION_FETCH
			       ? "\n"
			       : ", unless its inputs come out as before\n");
}

static void
add_pulled(const struct progress *progress, const struct build_event *event, struct buf *text)
{
	const struct action *action = &progress->plan->actions[event->action];

	if (!wording_is_notable(action) && event->wall_ms < SLOW_MS) {
		return;
	}
	add_word(progress, GREEN, "pulled", text);
	add_name(progress, event, text);
	buf_puts(text, ", ");
	amount_add_bytes(text, event->count);
	buf_puts(text, ", ");
	elapsed_add(text, event->wall_ms);
	buf_putc(text, '\n');
}

static void
add_said(struct progress *progress, const struct build_event *event, struct buf *text)
{
	switch (event->kind) {
	case BUILD_STARTED:
		add_start(progress, event, text);
		return;
	case BUILD_WAITING:
		add_waiting(progress, event, text);
		return;
	case BUILD_DONE:
		add_verdict(progress, event, text);
		return;
	case BUILD_FAILED:
		add_failure(progress, event, text);
		return;
	case BUILD_WOULD_RUN:
		add_would_run(progress, event, text);
		return;
	case BUILD_PULLED:
		add_pulled(progress, event, text);
		return;
	case BUILD_PACKED:
		add_report(progress, event, &progress->reports);
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

/* What can wait for the ticker is not drawn at once: a step may print faster than one can read. */
static void
show(struct progress *progress, const struct build_event *event)
{
	cleanup_buf struct buf said = {0};

	add_said(progress, event, &said);
	board_take(&progress->board, event, clock_now_ms());
	progress->is_dry |= event->kind == BUILD_WOULD_RUN;
	if (said.length) {
		draw(progress, &said);
	} else if (event->kind == BUILD_STARTED) {
		pthread_cond_signal(&progress->woken);
	}
}

void
progress_event(void *context, const struct build_event *event)
{
	struct progress *progress = context;
	cleanup_buf struct buf line = {0};

	pthread_mutex_lock(&progress->mutex);
	if (progress->mode == PROGRESS_JSON) {
		progress_json_add(&line, progress->plan, event);
		fs_write_all(progress->fd, line.data, line.length, NULL);
	} else if (progress->mode != PROGRESS_QUIET) {
		show(progress, event);
	}
	pthread_mutex_unlock(&progress->mutex);
}

/* "5 built, 12 fetched (34.5 MB), 1 failed in 1 min 02 s"; nothing where nothing ran. */
static void
add_summary(const struct progress *progress, struct buf *text)
{
	const struct board *board = &progress->board;

	if (progress->is_dry) {
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
	elapsed_add(text, clock_now_ms() - board->began_ms);
	buf_putc(text, '\n');
}

void
progress_free(struct progress *progress)
{
	cleanup_buf struct buf said = {0};

	pthread_mutex_lock(&progress->mutex);
	progress->is_over = true;
	if (progress->mode == PROGRESS_TERMINAL || progress->mode == PROGRESS_PIPE) {
		buf_add(&said, buf_text(&progress->reports), progress->reports.length);
		add_summary(progress, &said);
	}
	draw(progress, &said);
	pthread_cond_signal(&progress->woken);
	pthread_mutex_unlock(&progress->mutex);
	if (progress->has_ticker) {
		pthread_join(progress->ticker, NULL);
	}
	pthread_cond_destroy(&progress->woken);
	pthread_mutex_destroy(&progress->mutex);
	board_done(&progress->board);
	buf_done(&progress->reports);
	free(progress);
}
