/* SPDX-License-Identifier: MIT */
/* Tries: to mount by the calls that came with Linux 5.2 and 5.12, which older filters don't know.
 * Must be seen: EPERM for each.
 * Known from: CVE-2021-41133 (Flatpak's filter missed them), CVE-2022-0185 (fsconfig). */
#include "../attack.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

ATTACK()
{
	must_fail_with(EPERM, syscall(SYS_fsopen, "tmpfs", 0), "fsopen");
	must_fail_with(EPERM, syscall(SYS_fsconfig, -1, 1, "x", "y", 0), "fsconfig");
	must_fail_with(EPERM, syscall(SYS_fsmount, -1, 0, 0), "fsmount");
	must_fail_with(EPERM, syscall(SYS_fspick, AT_FDCWD, "/brun", 0), "fspick");
	must_fail_with(EPERM, syscall(SYS_open_tree, AT_FDCWD, "/brun", 1), "open_tree");
	/* Nor the one that takes no privilege. */
	must_fail_with(EPERM, syscall(SYS_open_tree, AT_FDCWD, "/brun", 0), "open_tree");
	must_fail_with(EPERM, syscall(SYS_move_mount, AT_FDCWD, "/brun", AT_FDCWD, "/build", 0),
		"move_mount");
	must_fail_with(EPERM, syscall(442, AT_FDCWD, "/brun", 0, NULL, 0), "mount_setattr");
	/* open_tree_attr (Linux 6.15), listmount and statmount (6.8) */
	must_fail_with(ENOSYS, syscall(467, AT_FDCWD, "/brun", 1, NULL, 0), "open_tree_attr");
	must_fail_with(ENOSYS, syscall(458, NULL, NULL, 0, 0), "listmount");
	must_fail_with(ENOSYS, syscall(457, NULL, NULL, 0, 0), "statmount");
}
