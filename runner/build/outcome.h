/* SPDX-License-Identifier: MIT */
/* What became of a step, in words: a sandbox's result as an error, or as none. */
#ifndef BRUN_OUTCOME_H
#define BRUN_OUTCOME_H

#include <stdbool.h>

struct action;
struct buf;
struct err;
struct sandbox_limits;
struct sandbox_result;
struct step_figures;

/* 0 where the step ended by itself with status 0. STATUS_STEP: another status or a signal;
 * STATUS_LIMIT: which limit was hit, how high it is, how to raise it; STATUS_INTERRUPTED. */
int outcome_check(const struct action *action, const struct sandbox_result *result,
	const struct sandbox_limits *limits, struct err *err);

/* Adds how to raise a limit, given as --limit takes it ("disk=BYTES"). Returns -1. */
int outcome_advise(const struct action *action, const char *limit, struct err *err);

/* Appends how it ended, for a test that may expect any of it: "exit status 3", "signal 11". */
void outcome_describe(const struct sandbox_result *result, struct buf *text);

/* Was one of the limits hit, or the step cancelled? */
bool outcome_is_cut_short(const struct sandbox_result *result);

/* Adds what one sandbox took to the figures of its step. */
void outcome_add_figures(const struct sandbox_result *result, struct step_figures *figures);

#endif
