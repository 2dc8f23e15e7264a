/* SPDX-License-Identifier: MIT */
/* Where in cgroup v2 this process may make groups for its steps: below its own group, which must
 * have been delegated to it alone, or beside it, in a group that was delegated and prepared. Groups
 * that systemd manages itself (slices) are left alone: https://systemd.io/CGROUP_DELEGATION/. */
#ifndef BRUN_SANDBOX_DELEGATION_H
#define BRUN_SANDBOX_DELEGATION_H

#include <stdbool.h>

/* What the names of steps' groups begin with. */
#define DELEGATION_STEP "brun-step-"

struct delegation {
	int fd;		     /* a directory that groups can be made in; -1: none */
	bool has_pids;	     /* they can bound processes, not only memory */
	const char *problem; /* why there is none; what to do about it */
	const char *advice;
};

/* Looks for it once in a process, which may move itself into a group below its own. */
const struct delegation *delegation_find(void);

#endif
