/* SPDX-License-Identifier: MIT */
/* What is said of a build for good, line by line. It is the same on a terminal and on a pipe, but
 * that a pipe also hears of starts, having no footer. The first failure is whole in what the build
 * returns and gets one line here; later ones are shown whole. */
#ifndef BRUN_VERDICT_H
#define BRUN_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

struct board;
struct buf;
struct build_event;
struct plan;

/* All is borrowed. */
struct verdict {
	const struct plan *plan;
	const struct board *board;
	bool has_color;
	bool tells_starts; /* and waits: nothing else shows them */
};

/* Appends what there is to say about an event, before the board takes it: lines, or nothing. */
void verdict_add(const struct verdict *verdict, const struct build_event *event, struct buf *text);

/* Appends "5 done, 12 fetched (34.5 MB), 1 failed in 1 min 02 s"; nothing where nothing ran. now_ms
 * is clock_now_ms's. */
void verdict_add_summary(
	const struct verdict *verdict, bool is_dry, uint64_t now_ms, struct buf *text);

#endif
