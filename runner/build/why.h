/* SPDX-License-Identifier: MIT */
/* Why an output would be built: what is missing, and what has changed since it was last there. */
#ifndef BRUN_WHY_H
#define BRUN_WHY_H

#include <stdbool.h>

struct buf;
struct err;
struct plan;
struct store;
struct walk;

/* Appends what is to be said about every action of the walk that would run: lines for people, or
 * one JSON object a line, described at the top of why.c. */
int why_explain(struct store *store, const struct plan *plan, const struct walk *walk, bool is_json,
	struct buf *text, struct err *err);

#endif
