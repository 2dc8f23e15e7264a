/* SPDX-License-Identifier: MIT */
/* Build events for programs. The schema is described at the top of progress_json.c. */
#ifndef BRUN_PROGRESS_JSON_H
#define BRUN_PROGRESS_JSON_H

struct buf;
struct build_event;
struct plan;

/* Appends one event as one line of JSON, newline included. */
void progress_json_add(struct buf *line, const struct plan *plan, const struct build_event *event);

/* Appends the line of a notice. */
void progress_json_notice(struct buf *line, const char *text);

#endif
