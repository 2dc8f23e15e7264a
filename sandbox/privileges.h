/* SPDX-License-Identifier: MIT */
/* Who a process is and what it may do. Safe between clone and exec. All return -1 and errno. */
#ifndef BRUN_SANDBOX_PRIVILEGES_H
#define BRUN_SANDBOX_PRIVILEGES_H

#include <stdbool.h>

struct sandbox_limits;

enum { PRIVILEGES_ID = 1000 /* user and group of a step, inside */ };

/* All ids become PRIVILEGES_ID (which the id maps must know). Fails, too, where groups can't be
 * left for another reason than that the right to it was given up with the map (idmap.h). */
int privileges_become_user(void);

/* No supplementary groups any more, where they can be left; after privileges_become_user. */
int privileges_leave_groups(void);

/* Is the user namespace that we are in one without the right to change groups? errno is kept. */
bool privileges_are_groups_given_up(void);

/* Every signal at its default and unblocked. */
int privileges_reset_signals(void);

/* Resource limits, personality and niceness: the same whatever the caller's were. */
int privileges_set_limits(const struct sandbox_limits *limits);

/* The limit on memory: for the program alone, since pid 1 is a copy of a caller of any size. */
int privileges_limit_memory(const struct sandbox_limits *limits);

/* No capability, in any set, ever again; no_new_privs. */
int privileges_drop(void);

#endif
