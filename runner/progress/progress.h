/* SPDX-License-Identifier: MIT */
/* The display of a build on stderr: a live footer on a terminal, a line a change on a pipe,
 * one JSON event a line with --json. */
#ifndef BRUN_PROGRESS_H
#define BRUN_PROGRESS_H

#include <stdbool.h>

struct build_event;
struct plan;
struct progress;

enum progress_mode {
	PROGRESS_AUTO,
	PROGRESS_TERMINAL,
	PROGRESS_PIPE,
	PROGRESS_JSON,
	PROGRESS_QUIET
};

/* fd is where it is drawn (2). Colour follows NO_COLOR and `color` ("auto", "always", "never"). */
struct progress *progress_new(
	const struct plan *plan, int fd, enum progress_mode mode, const char *color);

/* Takes an event (a build_options observer; context is the progress). */
void progress_event(void *progress, const struct build_event *event);

/* Erases the footer; after this nothing is drawn any more. */
void progress_free(struct progress *progress);

#endif
