/* SPDX-License-Identifier: MIT */
#include "dev.h"

#include "mount.h"
#include "root.h"
#include "target.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A step of a brun that root runs owns the host's nodes: read-only, so that it can't chmod them. */
enum { NODE_FLAGS = MOUNT_READ_ONLY | MOUNT_NO_EXEC };

static const char *const nodes[] = {"null", "zero", "full", "random", "urandom", "tty"};

static const struct {
	const char *name, *target;
} links[] = {
	{"fd", "/proc/self/fd"},
	{"stdin", "/proc/self/fd/0"},
	{"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"},
	{"ptmx", "pts/ptmx"},
};

static int
add_node(int root, const char *target, const char *name)
{
	char host[32], inside[PATH_MAX + 32];

	snprintf(host, sizeof(host), "/dev/%s", name);
	snprintf(inside, sizeof(inside), "%s/%s", target, name);
	return mount_bind(root, inside, AT_FDCWD, host, NODE_FLAGS) == STAGE_DONE ? 0 : -1;
}

static int
add_mount(int dev, const char *name, const char *type, unsigned long flags, const char *options)
{
	if (mkdirat(dev, name, 0755) < 0) {
		return -1;
	}
	cleanup_fd int target = openat(dev, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return target < 0 ? -1 : mount_new(type, target, flags | MS_NOSUID, options);
}

/* All but the nodes, into an empty directory. */
static int
add_others(int dev, uint64_t shm_bytes)
{
	char options[96] = "mode=1777,nr_inodes=65536";

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		if (symlinkat(links[i].target, dev, links[i].name) < 0) {
			return -1;
		}
	}
	if (shm_bytes) {
		snprintf(options, sizeof(options), "mode=1777,nr_inodes=65536,size=%llu",
			(unsigned long long)shm_bytes);
	}
	if (add_mount(dev, "shm", "tmpfs", MS_NODEV, options) < 0) {
		return -1;
	}
	/* All instances share the machine's number of terminals (kernel.pty.max, 4096). */
	return add_mount(
		dev, "pts", "devpts", MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,max=256");
}

static int
make_nodes_places(int dev)
{
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		cleanup_fd int place =
			openat(dev, nodes[i], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (place < 0) {
			return -1;
		}
	}
	return 0;
}

int
dev_fill(int root, const char *target, uint64_t shm_bytes)
{
	cleanup_fd int place = target_open(root, target, S_IFDIR);

	if (place < 0) {
		return -1;
	}
	/* On a tmpfs of its own where an input brought a /dev. */
	bool is_own = target_is_own(root, place);
	if (!is_own && mount_new("tmpfs", place, MS_NOSUID | MS_NOEXEC, "mode=0755,size=64k") < 0) {
		return -1;
	}
	cleanup_fd int dev = target_open(root, target, S_IFDIR);
	if (dev < 0 || make_nodes_places(dev) < 0 || add_others(dev, shm_bytes) < 0) {
		return -1;
	}
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		if (add_node(root, target, nodes[i]) < 0) {
			return -1;
		}
	}
	return is_own ? 0 : root_seal(dev);
}

/* The null device through a read-only mount? */
static bool
is_safe_null(int fd)
{
	struct stat st;
	struct statvfs fs;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3) &&
	       fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_RDONLY);
}

int
dev_open_null(int root)
{
	static const char scratch[] = "/.brun-null";
	char path[32];
	cleanup_fd int own = openat(root, "dev/null", O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (own >= 0 && is_safe_null(own)) {
		return steal_fd(own);
	}
	cleanup_fd int tree = mount_copy(AT_FDCWD, "/dev/null", NODE_FLAGS);
	if (tree >= 0) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", tree);
		return open(path, O_RDWR | O_CLOEXEC);
	}
	if (errno != ENOSYS && errno != EPERM) {
		return -1;
	}
	/* Before 5.12: by way of a name in the root, for a moment. */
	if (mount_bind(root, scratch, AT_FDCWD, "/dev/null", NODE_FLAGS) != STAGE_DONE) {
		return -1;
	}
	cleanup_fd int place = target_open_existing(root, scratch);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", place);
	int null = open(path, O_RDWR | O_CLOEXEC);
	return umount2(path, MNT_DETACH) < 0 || unlinkat(root, scratch + 1, 0) < 0 ? -1 : null;
}
