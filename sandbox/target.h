/* SPDX-License-Identifier: MIT */
/* Places inside a root that is being put together. Safe between clone and exec: no allocation. */
#ifndef BRUN_SANDBOX_TARGET_H
#define BRUN_SANDBOX_TARGET_H

#include <stdbool.h>
#include <sys/types.h>

/* Is this an absolute path of clean components ("/a/b": no "", ".", "..", no "/" alone)? */
bool target_is_valid(const char *path);

/* Opens (O_PATH) what `path` names below `root`, through no symlink. Where something is missing it
 * is made, if it lies on the root's own file system (EROFS where it does not): directories, and
 * as the last one a directory or an empty file by the type in `mode` (S_IFDIR, S_IFREG).
 * -1 and errno; ELOOP for a symlink in the way. */
int target_open(int root, const char *path, mode_t mode);

/* The same for what exists already; ENOENT where it does not. */
int target_open_existing(int root, const char *path);

/* As target_open for the directory that `path` lies in; *ret_name is the last component. */
int target_open_parent(int root, const char *path, const char **ret_name);

/* Is fd on the file system that root is the top of? */
bool target_is_own(int root, int fd);

#endif
