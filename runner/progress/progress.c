/* SPDX-License-Identifier: MIT */
#include "progress/progress.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "build/build.h"
#include "progress/board.h"
#include "progress/footer.h"
#include "progress/progress_json.h"
#include "progress/verdict.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { REDRAW_MS = 100 };

struct progress {
	int fd;
	enum progress_mode mode;
	bool is_dry, has_ticker, is_over;
	pthread_mutex_t mutex; /* everything below, and the terminal */
	pthread_cond_t woken;
	pthread_t ticker;
	struct board board;
	struct verdict verdict;
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
			progress->verdict.has_color, &text);
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
	struct progress *progress = mem_zalloc(1, sizeof(*progress));

	if (mode == PROGRESS_AUTO) {
		mode = is_capable_terminal(fd) ? PROGRESS_TERMINAL : PROGRESS_PIPE;
	}
	progress->fd = fd;
	progress->mode = mode;
	progress->verdict = (struct verdict){.plan = plan,
		.board = &progress->board,
		.has_color = wants_color(fd, color),
		.tells_starts = mode == PROGRESS_PIPE};
	pthread_mutex_init(&progress->mutex, NULL);
	board_init(&progress->board, plan, clock_now_ms());
	start_ticker(progress);
	return progress;
}

/* What can wait for the ticker is not drawn at once: a step may print faster than one can read. */
static void
show(struct progress *progress, const struct build_event *event)
{
	cleanup_buf struct buf said = {0};

	verdict_add(&progress->verdict, event,
		event->kind == BUILD_PACKED ? &progress->reports : &said);
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
		progress_json_add(&line, progress->verdict.plan, event);
		fs_write_all(progress->fd, line.data, line.length, NULL);
	} else if (progress->mode != PROGRESS_QUIET) {
		show(progress, event);
	}
	pthread_mutex_unlock(&progress->mutex);
}

void
progress_free(struct progress *progress)
{
	cleanup_buf struct buf said = {0};

	pthread_mutex_lock(&progress->mutex);
	progress->is_over = true;
	if (progress->mode == PROGRESS_TERMINAL || progress->mode == PROGRESS_PIPE) {
		buf_add(&said, buf_text(&progress->reports), progress->reports.length);
		verdict_add_summary(&progress->verdict, progress->is_dry, clock_now_ms(), &said);
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
