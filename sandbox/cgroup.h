/* SPDX-License-Identifier: MIT */
/* A step's own group in cgroup v2, where one can be had: the kernel bounds and counts what is in
 * it. */
#ifndef BRUN_SANDBOX_CGROUP_H
#define BRUN_SANDBOX_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct sandbox_limits;

struct cgroup {
	int fd; /* its directory; -1: none, and nothing below may be called but cgroup_remove */
	char name[48];
};

struct cgroup_usage {
	uint64_t memory; /* bytes that can't be given back: all but what disks' files cache */
	uint64_t tasks;	 /* 0: not counted */
	uint64_t user_ms, system_ms;
	bool was_out_of_memory;	   /* the kernel has killed somebody at the limit */
	bool was_out_of_processes; /* somebody could not fork for that */
};

/* Makes one with these limits; false where none can be had. */
bool cgroup_make(const struct sandbox_limits *limits, struct cgroup *ret_group);

/* clone(2) without shared memory and exit signal, into the group: 0 in the child; -1 and errno. */
pid_t cgroup_clone(const struct cgroup *group, unsigned long flags);

/* Also after the last process is gone. */
void cgroup_look(const struct cgroup *group, struct cgroup_usage *ret_usage);

/* When the last process is gone. */
void cgroup_remove(struct cgroup *group);

#endif
