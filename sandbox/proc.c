/* SPDX-License-Identifier: MIT */
#include "proc.h"

#include "mount.h"
#include "target.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* proc(5). The step of a brun that root runs has the kernel's root uid, which is all that the modes
 * of these ask for. */
static const char *const masked_files[] = {
	"interrupts",
	"iomem",
	"ioports",
	"kcore",
	"key-users",
	"keys",
	"kmsg",
	"kpagecgroup",
	"kpagecount",
	"kpageflags",
	"latency_stats",
	"mtrr",
	"pagetypeinfo",
	"sched_debug",
	"slabinfo",
	"softirqs",
	"timer_list",
	"timer_stats",
	"vmallocinfo",
	"vmcore",
};

static const char *const masked_dirs[] = {"acpi", "asound", "bus", "irq", "pressure", "scsi"};

/* What can be neither read nor written needs no mask: most of these, where no root runs brun. */
static bool
is_reachable(int proc, const char *name)
{
	return faccessat(proc, name, R_OK, AT_EACCESS) == 0 ||
	       faccessat(proc, name, W_OK, AT_EACCESS) == 0;
}

static int
mask_files(int root, const char *target, int proc)
{
	const unsigned flags = MOUNT_READ_ONLY | MOUNT_NO_EXEC;
	char path[PATH_MAX + 32];

	for (size_t i = 0; i < sizeof(masked_files) / sizeof(*masked_files); i++) {
		if (!is_reachable(proc, masked_files[i])) {
			continue;
		}
		snprintf(path, sizeof(path), "%s/%s", target, masked_files[i]);
		if (mount_bind(root, path, AT_FDCWD, "/dev/null", flags) != STAGE_DONE) {
			return -1;
		}
	}
	return 0;
}

static int
mask_dirs(int proc)
{
	for (size_t i = 0; i < sizeof(masked_dirs) / sizeof(*masked_dirs); i++) {
		cleanup_fd int dir = openat(proc, masked_dirs[i], O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (dir < 0) {
			continue;
		}
		if (mount_new("tmpfs", dir, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
			    "mode=0555,size=4k") < 0) {
			return -1;
		}
	}
	return 0;
}

int
proc_fill(int root, const char *target)
{
	cleanup_fd int place = target_open(root, target, S_IFDIR);

	if (place < 0 ||
		mount_new("proc", place, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
		return -1;
	}
	cleanup_fd int proc = target_open(root, target, S_IFDIR);
	return proc < 0 || mask_files(root, target, proc) < 0 ? -1 : mask_dirs(proc);
}
