/* SPDX-License-Identifier: MIT */
/* A tree as one archive, for unpack-helper to write; the way back is unpack.h. */
#ifndef BRUN_ENCLOSE_H
#define BRUN_ENCLOSE_H

struct err;
struct tree;

/* Writes the tree, which lies in the directory dir_fd, to the file to_fd as a tar in zstd. The same
 * tree gives the same bytes (of one version of the libraries). What is there must be what the tree
 * says, by name and size. */
int enclose_tree(const struct tree *tree, int dir_fd, int to_fd, struct err *err);

#endif
