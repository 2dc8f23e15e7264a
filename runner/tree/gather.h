/* SPDX-License-Identifier: MIT */
/* Entries of several trees on their way to become one tree. */
#ifndef BRUN_GATHER_H
#define BRUN_GATHER_H

#include "base/arena.h"
#include "tree/tree.h"

struct err;

/* An entry, and where it comes from: the index of a source, or GATHER_OWN. */
struct gathered {
	struct tree_entry entry;
	const char *original; /* its path in the source */
	const char *text;     /* files of GATHER_OWN: their contents, entry.size bytes */
	size_t source;
};

#define GATHER_OWN SIZE_MAX

/* Zero-initialise; gather_done frees. Strings of the entries are borrowed; what is made on the
 * way lives in the arena. */
struct gather {
	struct gathered *items;
	size_t count, capacity;
	struct arena arena;
};

/* Adds an entry under `path` (NULL: its own). */
void gather_add(
	struct gather *gather, const struct tree_entry *entry, const char *path, size_t source);

/* Adds a file of the gathering's own (GATHER_OWN); path and contents are borrowed. */
void gather_add_file(struct gather *gather, enum tree_type type, const char *path, const char *text,
	size_t length);

/* Sorts, adds directories that are missing above an entry, and leaves one entry a path; then
 * the tree. Entries that disagree on a path, or lie below one that is no directory, are an error
 * that names the path and both sources by `name` (STATUS_RECIPE). */
int gather_tree(struct gather *gather, char *(*name)(const void *context, size_t source),
	const void *context, struct tree *ret_tree, struct err *err);

void gather_done(struct gather *gather);

#endif
