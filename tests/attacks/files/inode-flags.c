/* SPDX-License-Identifier: MIT */
/* Tries: to make inputs immutable or sealed by ioctl on a descriptor for reading, and its own files
 * undeletable.
 * Must be seen: errors; whatever it does get in its own directory, the clean-up leaves nothing.
 * Known from: ioctl_iflags(2): an immutable file can't be removed, even by its owner. */
#include "../attack.h"
#include "../inside.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/fsverity.h>
#include <sys/ioctl.h>

ATTACK()
{
	struct fsverity_enable_arg verity = {.version = 1, .hash_algorithm = 1, .block_size = 4096};
	struct fsxattr extended = {.fsx_xflags = FS_XFLAG_IMMUTABLE};
	int flags = FS_IMMUTABLE_FL, input = open("/brun/file", O_RDONLY);

	put("/build/mine", "x", 1);
	int own = open("/build/mine", O_RDONLY);
	must_fail(ioctl(input, FS_IOC_SETFLAGS, &flags), "make an input immutable");
	must_fail(ioctl(input, FS_IOC_FSSETXATTR, &extended), "the same, extended");
	must_fail(ioctl(input, FS_IOC_ENABLE_VERITY, &verity), "seal an input");
	must_fail(ioctl(own, FS_IOC_SETFLAGS, &flags), "make its own file immutable");
	flags = FS_APPEND_FL;
	must_fail(ioctl(own, FS_IOC_SETFLAGS, &flags), "make its own file append-only");
	flags = FS_NODUMP_FL | FS_SYNC_FL | FS_NOATIME_FL;
	(void)!ioctl(own, FS_IOC_SETFLAGS, &flags);
	(void)!ioctl(own, FIFREEZE, 0);
	must_fail(ioctl(own, FIFREEZE, 0), "freeze the host's file system");
}
