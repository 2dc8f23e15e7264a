/* SPDX-License-Identifier: MIT */
#include "assemble.h"

#include "dev.h"
#include "mount.h"
#include "proc.h"
#include "sandbox.h"
#include "target.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static enum stage
add_tmpfs(int root, const struct sandbox_mount *entry)
{
	/* Files without contents take the kernel's memory, too. */
	char options[96] = "mode=1777,nr_inodes=262144";
	cleanup_fd int target = target_open(root, entry->target, S_IFDIR);

	if (target < 0) {
		return STAGE_TARGET;
	}
	if (entry->size) {
		snprintf(options, sizeof(options), "mode=1777,nr_inodes=262144,size=%llu",
			(unsigned long long)entry->size);
	}
	return mount_new("tmpfs", target, MS_NOSUID | MS_NODEV, options) < 0 ? STAGE_TMPFS
									     : STAGE_DONE;
}

/* A directory of the root's own is read-only once the root is; over an input's directory goes
 * an empty one. */
static enum stage
add_dir(int root, const struct sandbox_mount *entry)
{
	cleanup_fd int target = target_open(root, entry->target, S_IFDIR);

	if (target < 0) {
		return STAGE_TARGET;
	}
	if (target_is_own(root, target)) {
		return STAGE_DONE;
	}
	return mount_new("tmpfs", target, MS_RDONLY | MS_NOSUID | MS_NODEV, "mode=0755,size=4k") < 0
		       ? STAGE_TMPFS
		       : STAGE_DONE;
}

static int
write_text(int fd, const char *text)
{
	for (size_t left = strlen(text); left > 0;) {
		ssize_t wrote = write(fd, text, left);
		if (wrote < 0) {
			return -1;
		}
		text += wrote;
		left -= (size_t)wrote;
	}
	return 0;
}

enum { SCRATCH_NAME = 32 };

/* A new file in the root, by a name that no input there has. */
static int
create_scratch(int root, char name[static SCRATCH_NAME])
{
	int fd = -1;

	for (unsigned number = 0; fd < 0 && (number == 0 || errno == EEXIST); number++) {
		snprintf(name, SCRATCH_NAME, ".brun-file-%u", number);
		fd = openat(root, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	}
	return fd;
}

/* The contents go into a file that soon has no name; a read-only mount of it goes over target.
 * (In this order: a tree whose top has no name any more can't be attached.) */
static enum stage
add_file(int root, const struct sandbox_mount *entry)
{
	char scratch[SCRATCH_NAME];
	cleanup_fd int fd = create_scratch(root, scratch);

	if (fd < 0 || write_text(fd, entry->source) < 0) {
		return STAGE_FILE;
	}
	enum stage stage =
		mount_bind(root, entry->target, root, scratch, MOUNT_READ_ONLY | MOUNT_NO_DEVICES);
	if (stage == STAGE_TARGET) {
		return stage;
	}
	return stage != STAGE_DONE || unlinkat(root, scratch, 0) < 0 ? STAGE_FILE : STAGE_DONE;
}

static enum stage
add_link(int root, const struct sandbox_mount *entry)
{
	const char *name;
	cleanup_fd int parent = target_open_parent(root, entry->target, &name);

	if (parent < 0) {
		return STAGE_TARGET;
	}
	if (!target_is_own(root, parent)) {
		errno = EROFS;
		return STAGE_LINK;
	}
	return symlinkat(entry->source, parent, name) < 0 ? STAGE_LINK : STAGE_DONE;
}

enum stage
assemble_mount(int root, const struct sandbox_mount *entry)
{
	switch (entry->kind) {
	case SANDBOX_BIND:
		return mount_bind(root, entry->target, AT_FDCWD, entry->source,
			MOUNT_NO_DEVICES | MOUNT_READ_ONLY);
	case SANDBOX_BIND_RW:
		return mount_bind(root, entry->target, AT_FDCWD, entry->source, MOUNT_NO_DEVICES);
	case SANDBOX_TMPFS:
		return add_tmpfs(root, entry);
	case SANDBOX_DIR:
		return add_dir(root, entry);
	case SANDBOX_FILE:
		return add_file(root, entry);
	case SANDBOX_LINK:
		return add_link(root, entry);
	case SANDBOX_PROC:
		return proc_fill(root, entry->target) < 0 ? STAGE_PROC : STAGE_DONE;
	case SANDBOX_DEV:
		return dev_fill(root, entry->target, entry->size) < 0 ? STAGE_DEV : STAGE_DONE;
	}
	errno = EINVAL;
	return STAGE_TARGET;
}
