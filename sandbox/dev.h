/* SPDX-License-Identifier: MIT */
/* /dev of a step. Safe between clone and exec. */
#ifndef BRUN_SANDBOX_DEV_H
#define BRUN_SANDBOX_DEV_H

#include <stdint.h>

/* Fills `target` below root: a few of the host's device nodes, which can be used but not changed,
 * terminals of its own, and shm with at most shm_bytes (0: half of the memory). -1 and errno. */
int dev_fill(int root, const char *target, uint64_t shm_bytes);

/* Opens the null device, root's own where it has one, such that the node cannot be changed through
 * the descriptor. -1 and errno. */
int dev_open_null(int root);

#endif
