/* SPDX-License-Identifier: MIT */
/* The end of a child that tells nothing more. */
#ifndef BRUN_SANDBOX_REAP_H
#define BRUN_SANDBOX_REAP_H

#include <sys/types.h>

/* Waits until it has ended, with an exit signal or without. */
void reap(pid_t pid);

/* Ends it, and waits for that. */
void reap_killed(pid_t pid);

#endif
