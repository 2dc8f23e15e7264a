/* SPDX-License-Identifier: MIT */
/* Paths as the programs of a root file system see them: links stay inside of it. */
#ifndef BRUN_ROOTED_H
#define BRUN_ROOTED_H

/* Opens (O_PATH) what a path leads to in the root; a leading slash is the root's top. The
 * descriptor, or -1 with errno. */
int rooted_open(int root, const char *path);

/* Opens for reading what rooted_open gave. -1 with errno. */
int rooted_reopen(int fd);

/* Where an open file really lies: from the root's top, without a leading slash. The caller frees;
 * NULL with errno where it is gone or lies elsewhere. */
char *rooted_real(int root, int fd);

#endif
