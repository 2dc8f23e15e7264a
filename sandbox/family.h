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

/* What is known of a step's memory from one look to the next. */
struct family_memory {
	uint64_t limit, shared_at_start; /* bytes: the step's; the whole machine's */
	unsigned looks_at_queued;
};

void family_memory_begin(struct family_memory *memory, uint64_t limit);

/* Has it more memory than the limit? Files count that only its descriptors hold, and its
 * segments of shared memory; what is shared counts once. What lies in a socket's queue can't be
 * measured: it speaks against the step if it stays there while the machine's shared memory has
 * grown by the limit. */
bool family_exceeds(const struct family *family, struct family_memory *memory);

#endif
