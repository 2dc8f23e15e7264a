/* SPDX-License-Identifier: MIT */
/* What a step installed, and what it put where it does not belong. */
#ifndef BRUN_STRAY_H
#define BRUN_STRAY_H

struct action;
struct err;

/* Opens the output of a step, $DESTDIR$PREFIX, below the directory that $DESTDIR was. Everything
 * else below it is STATUS_STEP and named, as is an output without a single entry. The step is
 * over, but what it left is not to be trusted: no link is followed, no mode believed. */
int stray_open_output(int dest_fd, const struct action *action, int *ret_fd, struct err *err);

#endif
