/* SPDX-License-Identifier: MIT */
/* newgidmap(1) of shadow, a set-id program that writes maps of groups for ordinary users. */
#ifndef BRUN_SANDBOX_NEWGIDMAP_H
#define BRUN_SANDBOX_NEWGIDMAP_H

#include <sys/types.h>

struct buf;

/* Its path; NULL where it is not installed. */
const char *newgidmap_find(void);

/* Lets it map the caller's group and another one, each to itself, in the user namespace of this
 * child, and waits. Its words, if any, are appended: whether it did so is for the caller to see. */
void newgidmap_run(const char *program, pid_t pid, gid_t other, struct buf *words);

#endif
