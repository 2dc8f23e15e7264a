/* SPDX-License-Identifier: MIT */
/* The id maps of a user namespace. */
#ifndef BRUN_SANDBOX_IDMAP_H
#define BRUN_SANDBOX_IDMAP_H

#include <sys/types.h>

/* Maps PRIVILEGES_ID inside to the caller's effective ids, and nothing else: what the caller may
 * write, the step may write. Needs no privilege. -1 and errno. */
int idmap_write(pid_t pid);

/* Maps the caller's effective user to itself; groups are left to somebody else. -1 and errno. */
int idmap_write_own_user(pid_t pid);

#endif
