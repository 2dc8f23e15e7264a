/* SPDX-License-Identifier: MIT */
/* Chance, for names that nobody else takes. */
#ifndef BRUN_RANDOM_H
#define BRUN_RANDOM_H

#include <stdint.h>

/* A number that no other process gets. A kernel that has none to give ends the program. */
uint64_t random_number(void);

#endif
