/* SPDX-License-Identifier: MIT */
/* The near side of an unpacking: what the helper tells (parcel.h) becomes files. */
#ifndef BRUN_RECEIVE_H
#define BRUN_RECEIVE_H

#include <stddef.h>

struct archive_limits;
struct err;
struct tree;

/* Makes what the stream tells in the empty directory to_fd, in store form, each file hashed on the
 * way, and gives the tree (the root stays writable until store_put_tree). 1; 0: the stream broke
 * off or makes no sense; -1: err, the archive's fault (STATUS_SOURCE, STATUS_LIMIT) or the
 * disk's. */
int receive_tree(int stream, int to_fd, const struct archive_limits *limits, int cancel_fd,
	struct tree *ret_tree, struct err *err);

#endif
