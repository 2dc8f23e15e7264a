/* SPDX-License-Identifier: MIT */
/* Mounts by descriptor. Safe between clone and exec: no allocation. All return -1 and errno. */
#ifndef BRUN_SANDBOX_MOUNT_H
#define BRUN_SANDBOX_MOUNT_H

#include "stage.h"

enum mount_flag {
	MOUNT_READ_ONLY = 1,
	MOUNT_NO_DEVICES = 2,
	MOUNT_NO_EXEC = 4,
};

/* A detached copy of the mounts at path (a last symlink is ELOOP), all of them restricted by
 * `flags` and nosuid: a descriptor that can be opened below, or attached. */
int mount_copy(int dirfd, const char *path, unsigned flags);

/* Puts a detached copy onto what `target` (O_PATH) is. */
int mount_attach(int tree, int target);

/* Mounts a copy of what path is onto `target`, a path below root that is made as target_open does;
 * falls back to what kernels before 5.12 have. STAGE_DONE; STAGE_SOURCE, STAGE_TARGET or STAGE_BIND
 * by what failed, and errno. */
enum stage mount_bind(int root, const char *target, int dirfd, const char *path, unsigned flags);

/* Mounts a new file system of this type onto target (O_PATH); flags as for mount(2). */
int mount_new(const char *type, int target, unsigned long flags, const char *options);

#endif
