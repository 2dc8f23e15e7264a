/* SPDX-License-Identifier: MIT */
/* Making a process in namespaces of its own. */
#ifndef BRUN_SANDBOX_BIRTH_H
#define BRUN_SANDBOX_BIRTH_H

#include <stdbool.h>
#include <sys/types.h>

struct cgroup;

struct birth {
	unsigned long namespaces;	   /* flags of clone(2), CLONE_NEWUSER among them */
	const struct cgroup *cgroup;	   /* that it begins in; or NULL */
	void (*body)(const void *context); /* what it does; never returns */
	const void *context;
};

/* The process, a copy of this one; -1 and errno. It has no exit signal: whatever the caller does
 * with SIGCHLD and wait(2), it stays ours, and so does its number until we have waited for it.
 * (A pidfd, Linux 5.3, would tell nothing more.) Signals wait meanwhile, so that no handler of the
 * caller's ever runs in it. Where it takes a holder (holder.h) to leave the caller's groups, its
 * id maps are there already: else idmap_write is the caller's to call. */
pid_t birth_give(const struct birth *birth, bool *ret_is_mapped);

#endif
