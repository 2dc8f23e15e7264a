/* SPDX-License-Identifier: MIT */
/* Who a process is and what it may do. Safe between clone and exec. All return -1 and errno. */
#ifndef BRUN_SANDBOX_PRIVILEGES_H
#define BRUN_SANDBOX_PRIVILEGES_H

struct sandbox_limits;

enum { PRIVILEGES_ID = 1000 /* user and group of a step, inside */ };

/* All ids become PRIVILEGES_ID (which the id maps must know); no supplementary groups, where the
 * host lets an ordinary user give them up. */
int privileges_become_user(void);

/* Every signal at its default and unblocked. */
int privileges_reset_signals(void);

/* Resource limits, personality and niceness: the same whatever the caller's were. */
int privileges_set_limits(const struct sandbox_limits *limits);

/* The limit on memory: for the program alone, since pid 1 is a copy of a caller of any size. */
int privileges_limit_memory(const struct sandbox_limits *limits);

/* No capability, in any set, ever again; no_new_privs. */
int privileges_drop(void);

#endif
