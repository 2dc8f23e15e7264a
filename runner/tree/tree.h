/* SPDX-License-Identifier: MIT */
/* Trees: directories as values. The manifest (format at the top of tree.c) lists every entry of
 * a tree in memcmp order of its path; the tree's id is the manifest's SHA-256. */
#ifndef BRUN_TREE_H
#define BRUN_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"

struct buf;
struct err;
struct inodes;

enum tree_type { TREE_DIR, TREE_FILE, TREE_PROGRAM /* file with an x bit */, TREE_LINK };

struct tree_entry {
	enum tree_type type;
	const char *path;      /* clean relative path; borrowed from the manifest */
	const char *target;    /* TREE_LINK: where to, as written; else NULL */
	struct digest content; /* files: SHA-256 of the contents */
	uint64_t size;	       /* files: bytes */
};

/* A parsed manifest; entries point into text. Zero-initialise; tree_done frees. */
struct tree {
	struct tree_entry *entries;
	size_t count;
	char *text;
	size_t text_length;
	struct digest id;
};

/* Parses a manifest and checks order, paths, types, that every parent is a listed directory.
 * On success the tree has taken the manifest's memory. Errors name the record's offset
 * (STATUS_STORE). */
int tree_parse(struct buf *manifest, struct tree *ret_tree, struct err *err);
void tree_done(struct tree *tree);

/* The entry at that path, or NULL; binary search. */
const struct tree_entry *tree_find(const struct tree *tree, const char *path);

/* Appends one manifest record; records are added in order. */
void tree_record(struct buf *manifest, const struct tree_entry *entry);

/* What tree_import does beyond copying. */
struct tree_import {
	const char *const *include; /* globs, NULL-terminated; NULL: everything */
	const char *const *exclude;
	/* Take files by rename or hard link where that is safe, instead of copying: only for trees
	 * that no other process can have open. */
	bool move;
	/* The directory is somebody's own (a recipe's): else modes that close it are opened up on
	 * the way. */
	bool is_borrowed;
	/* More bytes than these in all files together are an error (STATUS_LIMIT), whatever room
	 * they take where they are; 0: any number. */
	uint64_t bytes_most;
	const int *cancel_fd; /* readable: stop, STATUS_INTERRUPTED; NULL: none */
};

/* Walks a directory that a hostile process may have made (but no longer runs), by descriptors
 * and O_NOFOLLOW, into the empty directory to_fd: contents copied (reflinked where the file
 * system can) and hashed on the way, modes 0444/0555, mtime 1, nothing else kept. Device nodes,
 * sockets and FIFOs are errors that name the path (STATUS_RECIPE). A directory is kept where
 * something in it is, or where it was empty and is selected itself. The root of to_fd stays
 * writable until store_put_tree. The result is the tree as parsed. */
int tree_import(int from_fd, int to_fd, const struct tree_import *how, struct tree *ret_tree,
	struct err *err);

/* The tree that tree_import would make of the directory, without making it. */
int tree_read(int from_fd, const struct tree_import *how, struct tree *ret_tree, struct err *err);

/* Lays a tree of the store out: copies (reflink), never a shared inode, all of one time, modes
 * 0644/0755 less the umask (or exactly those), into the empty directory to_fd. */
int tree_export(const struct tree *tree, int from_fd, int to_fd, bool is_exact, struct err *err);

/* Does the directory hold exactly this tree? Reads and hashes everything. */
int tree_verify(const struct tree *tree, int fd, struct err *err);

/* The same for a tree of a store, of which each file must be in store form. Trees of one store
 * share what was read in `known`. */
int tree_verify_stored(const struct tree *tree, int fd, struct inodes *known, struct err *err);

/* Glob match of a whole clean relative path: * and ? stop at '/', ** does not, [..] sets. */
bool tree_glob(const char *pattern, const char *path);

#endif
