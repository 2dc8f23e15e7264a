/* SPDX-License-Identifier: MIT */
/* Opening names below a directory that somebody else has filled: no component is followed. */
#ifndef BRUN_BENEATH_H
#define BRUN_BENEATH_H

/* Opens root/path (clean and relative, or ".") without passing through any symbolic link;
 * O_CLOEXEC and O_NOFOLLOW are added. The descriptor, or -1 with errno (ELOOP: a link). */
int beneath_open(int root, const char *path, int flags);

/* Gives the owner rwx (directory) or rw (file) on root/path, whatever its mode was; 0 or -1 with
 * errno. A link is refused. */
int beneath_unlock(int root, const char *path);

#endif
