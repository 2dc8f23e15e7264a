/* SPDX-License-Identifier: MIT */
/* A step's log, as it is and as it grows. */
#ifndef BRUN_FOLLOW_H
#define BRUN_FOLLOW_H

#include <stdio.h>

struct digest;
struct err;
struct store;

/* Copies the log to `to`; while the step runs (or anybody does its action), goes on with what
 * comes, until that ends. */
int follow_log(struct store *store, const struct digest *key, FILE *to, struct err *err);

#endif
