/* SPDX-License-Identifier: MIT */
/* Restricting mounts one by one: for kernels without mount_setattr(2), before 5.12. */
#ifndef BRUN_SANDBOX_REMOUNT_H
#define BRUN_SANDBOX_REMOUNT_H

/* Restricts what is mounted at `target` below root, and all below that, by `flags` of mount.h and
 * nosuid; keeps the flags that are there. Safe between clone and exec. -1 and errno. */
int remount_below(int root, const char *target, unsigned flags);

#endif
