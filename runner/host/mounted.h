/* SPDX-License-Identifier: MIT */
#ifndef BRUN_MOUNTED_H
#define BRUN_MOUNTED_H

struct buf;

/* Appends what kind of file system a descriptor is on, and how it is mounted, as mountinfo has it:
 * "ext4, rw,nosuid,relatime". Nothing where that can't be told. */
void mounted_add(int fd, struct buf *text);

#endif
