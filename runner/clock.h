/* SPDX-License-Identifier: MIT */
/* Elapsed time: milliseconds of a clock that nobody sets, and how they are written for people. */
#ifndef BRUN_CLOCK_H
#define BRUN_CLOCK_H

#include <stdint.h>

struct buf;

/* Milliseconds since an arbitrary moment; never goes back. */
uint64_t clock_now_ms(void);

/* Appends "0.4 s", "12.3 s", "4 min 05 s" or "1 h 02 min". */
void clock_add(struct buf *text, uint64_t ms);

/* The same in whole seconds, for what changes while one looks at it: "12 s". */
void clock_add_live(struct buf *text, uint64_t ms);

#endif
