/* SPDX-License-Identifier: MIT */
/* Debian's merged /usr: where a package's path lies in a root file system of bookworm. */
#ifndef BRUN_ROOTFS_H
#define BRUN_ROOTFS_H

#include "tree/gather.h"

/* Adds the entries of an unpacked package: what is under bin, sbin, lib, lib32, lib64 or libx32
 * goes to usr/; a package's own link bin -> usr/bin is what rootfs_finish makes anyway. */
void rootfs_add(struct gather *gather, const struct tree *package, size_t source);

/* Adds the top-level links and the directories that they lead to. */
void rootfs_finish(struct gather *gather);

#endif
