/* SPDX-License-Identifier: MIT */
/* How much of the disk a step has taken. */
#ifndef BRUN_SANDBOX_DISK_H
#define BRUN_SANDBOX_DISK_H

#include <stdbool.h>
#include <stdint.h>

struct sandbox_spec;

/* Used bytes of the file systems of a spec's writable binds when the step began. */
struct disk {
	const struct sandbox_spec *spec;
	uint64_t used_at_start;
};

/* Notes the state before the step. */
void disk_begin(struct disk *disk, const struct sandbox_spec *spec);

/* Has the step grown its writable binds beyond the limit? Others may write to the same file system
 * meanwhile: its growth only raises the suspicion, a count of the binds' files decides. What can't
 * be counted, too deep or behind a mode, speaks against the step. */
bool disk_is_over(struct disk *disk);

/* Is there anything to watch? */
bool disk_is_watched(const struct disk *disk);

#endif
