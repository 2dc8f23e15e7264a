/* SPDX-License-Identifier: MIT */
/* What a directory holds: names, types and sizes, before any file is read. */
#ifndef BRUN_SCAN_H
#define BRUN_SCAN_H

#include "base/arena.h"
#include "tree/glob.h"
#include "tree/tree.h"

#include <sys/types.h>

struct err;

struct scan_item {
	struct tree_entry entry; /* content and size are what the reader finds out */
	dev_t device;
	ino_t inode;
	bool is_sealed; /* a file in store form (seal.h) */
	nlink_t links;
	uid_t owner;
	size_t parent;	/* index of the directory while scanning; meaningless afterwards */
	bool is_kept;	/* always true afterwards */
	bool has_below; /* a directory that is not empty */
};

/* Items in manifest order; their strings live in the arena. Zero-initialise; scan_done frees. */
struct scan {
	struct scan_item *items;
	size_t count, capacity;
	uint64_t bytes;	   /* sum of the files' sizes */
	const char **dirs; /* directories below the root that were listed, whatever was in them */
	size_t dir_count, dir_capacity;
	struct arena arena;
};

/* Lists what the rules select under fd (NULL: everything), directories as far as they hold
 * something selected or were empty and are selected themselves. Where is_ours, directories
 * that their modes close are opened up. Anything but files, directories and links is an error
 * if it is selected (STATUS_RECIPE), as is a path over 4095 bytes. */
int scan_dir(int fd, const struct glob_rules *rules, bool is_ours, struct scan *ret_scan,
	struct err *err);
void scan_done(struct scan *scan);

/* Opens a scanned file for reading; where is_ours, whatever its mode. A descriptor, or -1. */
int scan_open(int fd, const char *path, bool is_ours, struct err *err);

/* The manifest of the items, parsed. */
int scan_tree(const struct scan *scan, struct tree *ret_tree, struct err *err);

#endif
