/* SPDX-License-Identifier: MIT */
/* Opening names below a directory that somebody else has filled: no component is followed. */
#ifndef BRUN_BENEATH_H
#define BRUN_BENEATH_H

/* Opens root/path (clean and relative, or ".") without passing through any symbolic link;
 * O_CLOEXEC and O_NOFOLLOW are added. The descriptor, or -1 with errno (ELOOP: a link). */
int beneath_open(int root, const char *path, int flags);

/* The same for what is ours, whatever its mode: where that is in the way, the owner gets rwx on a
 * directory (always, with O_DIRECTORY) or rw on a file. */
int beneath_open_closed(int root, const char *path, int flags);

#endif
