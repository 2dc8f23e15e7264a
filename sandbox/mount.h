/* SPDX-License-Identifier: MIT */
/* Mounts by descriptor. Safe between clone and exec: no allocation. All return -1 and errno. */
#ifndef BRUN_SANDBOX_MOUNT_H
#define BRUN_SANDBOX_MOUNT_H

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

/* Mounts a new file system of this type onto target (O_PATH); flags as for mount(2). */
int mount_new(const char *type, int target, unsigned long flags, const char *options);

#endif
