/* SPDX-License-Identifier: MIT */
/* Laying gathered entries out inside the store: hard links, no contents read; files of the
 * gathering's own are written. */
#ifndef BRUN_LAY_H
#define BRUN_LAY_H

#include "tree/gather.h"

struct digest;
struct err;
struct store;

/* Makes the gathered tree in the empty directory `fd` of the store: files are hard links to those
 * of the trees sources[item.source] (copies where the file system has no more links to give),
 * all in store form. Every file must have a source, or contents of its own. */
int lay_tree(struct store *store, const struct gather *gather, const struct digest *sources,
	size_t source_count, int fd, struct err *err);

#endif
