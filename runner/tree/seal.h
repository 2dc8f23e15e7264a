/* SPDX-License-Identifier: MIT */
/* Store form: read-only modes and mtime 1, for what has just been written. */
#ifndef BRUN_SEAL_H
#define BRUN_SEAL_H

#include "tree/tree.h"

struct err;

/* Gives an open file 0444 or 0555 (by type) and mtime 1. */
int seal_file(int fd, enum tree_type type, struct err *err);

/* Makes a symbolic link with mtime 1. */
int seal_link(int dirfd, const char *path, const char *target, struct err *err);

/* Gives all directories of the tree at fd, once they are filled, 0555 and mtime 1. The root
 * itself stays writable: a directory must be so to be renamed. */
int seal_dirs(int fd, const struct tree *tree, struct err *err);

/* The same for the root, once it has its final name. */
int seal_root(int fd, struct err *err);

#endif
