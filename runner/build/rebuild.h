/* SPDX-License-Identifier: MIT */
/* Building again what is there already, to see whether it comes out the same. */
#ifndef BRUN_REBUILD_H
#define BRUN_REBUILD_H

#include <stddef.h>

struct build_options;
struct err;
struct plan;
struct store;

/* Does again what is the recipe's own of an output: the step that makes it, and what selects,
 * merges, packs and tests its tree on the way to the output. Dependencies, sources and the base are
 * taken as they are; what is not in the store yet is built first. Each time the inputs are those of
 * the first time. STATUS_IRREPRODUCIBLE where an action's output differs: which files, and where
 * both trees are (in the store, until it is collected). The record stays as it was. */
int rebuild_check(struct store *store, const struct plan *plan, size_t wanted,
	const struct build_options *options, struct err *err);

#endif
