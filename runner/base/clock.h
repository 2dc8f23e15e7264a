/* SPDX-License-Identifier: MIT */
/* A clock that nobody sets. */
#ifndef BRUN_CLOCK_H
#define BRUN_CLOCK_H

#include <stdint.h>

/* Milliseconds since an arbitrary moment; never goes back. */
uint64_t clock_now_ms(void);

#endif
