/* SPDX-License-Identifier: MIT */
#include "build/transcript.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "build/figures.h"
#include "build/step.h"
#include "plan/plan.h"
#include "store/disk.h"
#include "store/store_log.h"
#include "text/logtext.h"

#include <string.h>

int
transcript_open(struct transcript *transcript, struct store *store, const struct digest *key,
	const struct step_options *options, struct err *err)
{
	transcript->options = options;
	transcript->key = key;
	transcript->number = 0;
	transcript->length = 0;
	transcript->fd = -1;
	return store_create_log(store, key, &transcript->fd, err);
}

void
transcript_done(struct transcript *transcript)
{
	fs_close_slot(&transcript->fd);
	transcript->fd = -1;
}

static void
keep(struct transcript *transcript, const char *data, size_t length)
{
	for (size_t i = length > TRANSCRIPT_TAIL ? length - TRANSCRIPT_TAIL : 0; i < length; i++) {
		transcript->tail[(transcript->length + i) % TRANSCRIPT_TAIL] = data[i];
	}
	transcript->length += length;
}

void
transcript_add(void *context, const char *data, size_t length)
{
	struct transcript *transcript = context;
	const struct step_options *options = transcript->options;
	struct err err = {0};

	keep(transcript, data, length);
	if (!transcript->number && fs_write_all(transcript->fd, data, length, &err) < 0) {
		transcript->number = err.number;
	}
	if (options->output) {
		options->output(options->context, data, length);
	}
}

int
transcript_check(const struct transcript *transcript, struct err *err)
{
	if (!transcript->number) {
		return 0;
	}
	err_set(err, transcript->number, "write the step's log");
	return disk_explain(transcript->fd, err);
}

/* The ring in order, from the first whole line that is still in it. */
static void
unroll(const struct transcript *transcript, struct buf *text)
{
	size_t kept = transcript->length < TRANSCRIPT_TAIL ? transcript->length : TRANSCRIPT_TAIL;
	size_t first = transcript->length - kept;

	for (size_t i = 0; i < kept; i++) {
		buf_putc(text, transcript->tail[(first + i) % TRANSCRIPT_TAIL]);
	}
	while (text->length > 0 && text->data[text->length - 1] == '\n') {
		text->length--;
	}
}

/* Start of the last lines of a text that has no newline at its end. */
static const char *
last_lines(const char *text, size_t length)
{
	const char *at = text + length;

	for (size_t lines = 0; at > text; at--) {
		if (at[-1] == '\n' && ++lines == TRANSCRIPT_LINES) {
			break;
		}
	}
	return at;
}

static void
add_last_lines(const struct transcript *transcript, struct err *err)
{
	cleanup_buf struct buf text = {0};

	unroll(transcript, &text);
	if (!text.length) {
		err_hint(err, "  its log is empty");
		return;
	}
	const char *end = text.data + text.length;
	err_hint(err, "  the last lines of its log:");
	for (const char *at = last_lines(text.data, text.length); at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline ? newline : end) - at);
		cleanup_buf struct buf line = {0};
		logtext_add_line(&line, at, length, TRANSCRIPT_COLUMNS);
		err_hint(err, "  | %s", buf_text(&line));
		at += length + 1;
	}
}

static void
add_figures(const struct step_options *options, const struct step_figures *figures, struct err *err)
{
	cleanup_buf struct buf text = {0};

	figures_add(figures, &text);
	if (options->number) {
		err_hint(err, "  step %zu of %zu: %s", options->number, options->count,
			buf_text(&text));
	} else {
		err_hint(err, "  it took: %s", buf_text(&text));
	}
}

bool
transcript_report(const struct transcript *transcript, const struct action *action,
	const struct step_figures *figures, struct err *err)
{
	char hex[DIGEST_HEX];

	if (err->status != STATUS_STEP && err->status != STATUS_LIMIT &&
		err->status != STATUS_HASH) {
		return false;
	}
	add_figures(transcript->options, figures, err);
	if (*action->where) {
		err_hint(err, "  defined at %s", action->where);
	}
	add_last_lines(transcript, err);
	err_hint(err, "  its whole log: brun log %.16s", digest_hex(transcript->key, hex));
	return true;
}
