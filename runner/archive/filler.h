/* SPDX-License-Identifier: MIT */
/* Filling new files of a store with what they are to hold: written, hashed and brought into store
 * form by threads of their own, while the caller makes the next files. */
#ifndef BRUN_FILLER_H
#define BRUN_FILLER_H

#include <stddef.h>

struct err;
struct filler;
struct tree_entry;

struct filler *filler_new(void);

/* Takes the descriptor and the data. The entry, of the right type, gets content and size by the
 * time that filler_wait comes back. May wait for room. -1: an earlier file has failed. */
int filler_take(struct filler *filler, int fd, char *data, size_t size, struct tree_entry *entry,
	struct err *err);

/* Waits for all files. -1: what the first failure was. */
int filler_wait(struct filler *filler, struct err *err);

/* Ends the threads; what they have not begun stays unfilled. */
void filler_free(struct filler *filler);

#endif
