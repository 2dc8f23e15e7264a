/* SPDX-License-Identifier: MIT */
/* /proc of a step. Safe between clone and exec. */
#ifndef BRUN_SANDBOX_PROC_H
#define BRUN_SANDBOX_PROC_H

/* Mounts a fresh, read-only /proc on `target` below root, with empty stand-ins for what tells
 * about the host or acts on it. -1 and errno. */
int proc_fill(int root, const char *target);

#endif
