/* SPDX-License-Identifier: MIT */
/* Tries: to register a program that the host would run as root for files of some kind.
 * Must be seen: no binfmt_misc, and none to be had.
 * Known from: Documentation/admin-guide/binfmt-misc.rst, flag C; the file system is shared with the
 * host unless a user namespace mounts its own. */
#include "../attack.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/mount.h>
#include <unistd.h>

ATTACK()
{
	must_fail(open("/proc/sys/fs/binfmt_misc/register", O_WRONLY), "open register");
	must_fail(open("/proc/sys/fs/binfmt_misc/status", O_WRONLY), "open status");
	must_fail(mount("binfmt_misc", "/build", "binfmt_misc", 0, NULL), "mount binfmt_misc");
}
