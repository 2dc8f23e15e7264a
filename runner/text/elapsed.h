/* SPDX-License-Identifier: MIT */
/* Elapsed time as it is written for people. */
#ifndef BRUN_ELAPSED_H
#define BRUN_ELAPSED_H

#include <stdint.h>

struct buf;

/* Appends "0.4 s", "12.3 s", "4 min 05 s" or "1 h 02 min". */
void elapsed_add(struct buf *text, uint64_t ms);

/* The same in whole seconds, for what changes while one looks at it: "12 s". */
void elapsed_add_live(struct buf *text, uint64_t ms);

#endif
