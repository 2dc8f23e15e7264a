/* SPDX-License-Identifier: MIT */
#ifndef BRUN_SPAWN_H
#define BRUN_SPAWN_H

struct err;

/* Records that `what` ("fork", "start a thread") failed with that errno: STATUS_SANDBOX, and what
 * to do about it, where a filter around this process forbids it. Returns -1. */
int spawn_failed(const char *what, int number, struct err *err);

#endif
