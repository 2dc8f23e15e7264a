/* SPDX-License-Identifier: MIT */
/* What a power cut leaves: names as they are, contents as far as they were synced. */
#ifndef BRUN_TEST_SNAPSHOT_H
#define BRUN_TEST_SNAPSHOT_H

#include "tracer.h"

#include <stddef.h>

enum { INODES_MAX = 4096, RENAMES_MAX = 256, PATH_SIZE = 4096 };

/* What a program has written and not synced. Zero-initialise. */
struct unsynced {
	uint64_t inodes[INODES_MAX];
	size_t inode_count;
	struct rename_made {
		char from[PATH_SIZE], to[PATH_SIZE];
	} renames[RENAMES_MAX];
	size_t rename_count;
};

/* Takes note of a call that succeeded. */
void unsynced_note(struct unsynced *unsynced, const struct call *call, int64_t result);

/* Does the call change names or what is synced? Then a power cut before it differs from one
 * after. */
bool call_changes_disk(const struct call *call);

/* Copies the directory `from` to `to` as a power cut would leave it: files that are not synced are
 * empty. The rename `lost` (SIZE_MAX: none) did not reach the disk, though later ones did. 0 or
 * -1. */
int snapshot_take(const struct unsynced *unsynced, const char *from, const char *to, size_t lost);

#endif
