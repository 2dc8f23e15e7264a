/* SPDX-License-Identifier: MIT */
/* Files of a root that programs need beside them: certificates, terminal descriptions, modules. */
#ifndef BRUN_DATA_H
#define BRUN_DATA_H

struct buf;
struct err;

/* Copies the file or directory at an absolute path of a root into the directory to_fd, at the same
 * path. A link that leads out of what is copied becomes the file that it leads to; other links are
 * made relative. `warnings` gets a line for each that leads to nothing in the copy. STATUS_USAGE:
 * no such path; STATUS_UNPACKABLE: set-id files, devices. */
int data_copy(int root, const char *path, int to_fd, struct buf *warnings, struct err *err);

#endif
