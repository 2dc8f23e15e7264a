/* SPDX-License-Identifier: MIT */
/* Names of a directory with hundreds of thousands of them, in the order of their inodes: what is
 * side by side on the disk is then read, and removed, side by side. */
#ifndef BRUN_STORE_ROLL_H
#define BRUN_STORE_ROLL_H

#include <stddef.h>
#include <stdint.h>

struct err;

struct roll_item {
	uint64_t inode;
	char *name; /* in the roll's memory */
};

struct roll {
	struct roll_item *items;
	size_t count;
	char *text;
};

/* Reads the directory anew, whatever its position; roll_done frees. */
int roll_read(int dirfd, struct roll *ret_roll, struct err *err);
void roll_done(struct roll *roll);

#endif
