/* SPDX-License-Identifier: MIT */
/* Unpacking archives of any origin: unpack-helper (libarchive) gives up all that it could reach
 * before it reads the first byte, and tells what is in there; the files are made on this side. */
#ifndef BRUN_ARCHIVE_H
#define BRUN_ARCHIVE_H

#include <stdint.h>

struct err;
struct tree;

struct archive_limits {
	uint64_t bytes, entries; /* 0: 64 GiB, 4 million */
};

/* Unpacks blob_fd (tar, zip, deb, or a lone compressed file) into the empty directory to_fd, in
 * store form but for the root itself (as tree_import), and gives the tree. `strip` leading
 * components are dropped; `single` names the contents of a lone compressed file, or is NULL.
 * Members that are absolute, climb with "..", lie behind a symlink or hard-link outside are refused
 * (STATUS_SOURCE), as are device nodes and truncated archives; the message names the member.
 * helper: the executable's path. cancel_fd as in store_lock. */
int archive_unpack(const char *helper, int blob_fd, int to_fd, unsigned strip, const char *single,
	const struct archive_limits *limits, int cancel_fd, struct tree *ret_tree, struct err *err);

/* Writes the tree, which lies in the directory dir_fd, to the empty file to_fd as one archive (tar
 * in zstd) that archive_unpack makes the same tree of; a confined helper does it as well. */
int archive_enclose(const char *helper, const struct tree *tree, int dir_fd, int to_fd,
	int cancel_fd, struct err *err);

#endif
