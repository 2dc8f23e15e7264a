/* SPDX-License-Identifier: MIT */
/* The part of a step's filter that is written by hand: low words of arguments, unknown numbers. */
#ifndef BRUN_SANDBOX_FILTER_NUMBERS_H
#define BRUN_SANDBOX_FILTER_NUMBERS_H

#include "filter.h"

/* Borrowed, static. */
struct program filter_numbers_program(void);

#endif
