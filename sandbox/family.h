/* SPDX-License-Identifier: MIT */
/* The processes of a step, seen from outside: it has no parent but ours, so all of them are below
 * its first one. Needs CONFIG_PROC_CHILDREN; without, the first is all that is seen. */
#ifndef BRUN_SANDBOX_FAMILY_H
#define BRUN_SANDBOX_FAMILY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct family {
	pid_t *pids; /* the first one is what was asked for; family_done frees */
	size_t count;
	uint64_t tasks;	 /* processes and threads */
	uint64_t memory; /* bytes: resident and not a file's; what is shared counts for each */
};

/* Looks at a process and all below it. What ends meanwhile is passed over. */
void family_look(pid_t pid, struct family *ret_family);
void family_done(struct family *family);

/* Has it more memory than that, files counted in that only its descriptors hold, and what is shared
 * counted once? */
bool family_exceeds(const struct family *family, uint64_t memory);

#endif
