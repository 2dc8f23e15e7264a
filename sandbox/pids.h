/* SPDX-License-Identifier: MIT */
/* The number of processes of a step. Safe between clone and exec. */
#ifndef BRUN_SANDBOX_PIDS_H
#define BRUN_SANDBOX_PIDS_H

#include <stdint.h>

/* Bounds the pids of this pid namespace where the kernel can (Linux 6.14) and /proc/sys is
 * writable: RLIMIT_NPROC does not hold for a step of a brun that root runs. */
void pids_limit(uint64_t processes);

#endif
