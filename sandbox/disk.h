/* SPDX-License-Identifier: MIT */
/* How much of the disk a step has taken. */
#ifndef BRUN_SANDBOX_DISK_H
#define BRUN_SANDBOX_DISK_H

#include <stdbool.h>
#include <stdint.h>

struct family;
struct sandbox_spec;

/* Used bytes of the file systems of a spec's writable binds when the step began. */
struct disk {
	const struct sandbox_spec *spec;
	uint64_t used_at_start;
	uint64_t next_count_ms; /* clock_now_ms() */
};

/* Notes the state before the step. */
void disk_begin(struct disk *disk, const struct sandbox_spec *spec);

/* Do the step's writable binds hold more than the limit? A count decides, of the binds' files and
 * of what the step's processes hold without a name. It is made now and then, and where the file
 * system has grown by so much: others may grow it, too. Then what can't be counted
 * (behind a mode, in nobody's descriptors) speaks against the step. */
bool disk_is_over(struct disk *disk, const struct family *family);

#endif
