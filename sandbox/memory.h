/* SPDX-License-Identifier: MIT */
/* How much memory a step has taken. */
#ifndef BRUN_SANDBOX_MEMORY_H
#define BRUN_SANDBOX_MEMORY_H

#include <stdint.h>
#include <sys/types.h>

/* Resident bytes that are not files', of a process and all its descendants, as far as /proc tells:
 * the step's processes all descend from its pid 1. What ends meanwhile counts as nothing. */
uint64_t memory_of_family(pid_t pid);

#endif
