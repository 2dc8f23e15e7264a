/* SPDX-License-Identifier: MIT */
/* What two trees of a store differ in, in words. */
#ifndef BRUN_DIFFERENCE_H
#define BRUN_DIFFERENCE_H

struct buf;
struct digest;
struct err;
struct store;

/* Appends a line an entry that differs, up to twenty of them and how many more there are, each
 * behind "\n  ": its path, and whether it is only in one of the two, or what of it differs. */
int difference_add(struct store *store, const struct digest *first, const struct digest *second,
	struct buf *text, struct err *err);

#endif
