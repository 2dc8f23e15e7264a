/* SPDX-License-Identifier: MIT */
/* What an archive's members became, in their order, and the tree that it is in the end. */
#ifndef BRUN_INVENTORY_H
#define BRUN_INVENTORY_H

#include "base/arena.h"
#include "tree/tree.h"

struct err;

/* Zero-initialise; inventory_done frees. */
struct inventory {
	struct inventory_item **items;
	size_t count, capacity;
	struct arena arena;
};

/* Adds a member; the strings are copied. For a hard link, `original` is the path of the earlier
 * member that it is another name of, and type is not looked at. The entry stays where it is: who
 * fills the file in sets content and size later. */
struct tree_entry *inventory_add(struct inventory *inventory, enum tree_type type, const char *path,
	const char *target, const char *original);

/* The last of several members of one name counts. */
int inventory_tree(struct inventory *inventory, struct tree *ret_tree, struct err *err);

void inventory_done(struct inventory *inventory);

#endif
