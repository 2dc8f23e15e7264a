/* SPDX-License-Identifier: MIT */
/* Tries: a root file system whose proc, dev, build, dest, tmp, brun, script and etc are symbolic
 * links to places outside, where the runner is about to mount and to make nodes. Must be seen: the
 * step runs with brun's own directories there; nothing outside is opened or changed. Known from:
 * CVE-2021-30465 and CVE-2026-41579 (runc follows links in the root on the way to a mount and to
 * /dev/ptmx), CVE-2019-16884 (a link in place of /proc). */
#include "../attack.h"

#include <sys/stat.h>
#include <unistd.h>

static bool
is_directory(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

ATTACK(.base = "links")
{
	must_be(is_directory("/dev") && is_directory("/build") && is_directory("/proc") &&
			is_directory("/dest") && is_directory("/tmp") && is_directory("/brun"),
		"they are directories");
	must_be(access("/dev/null", R_OK | W_OK) == 0, "/dev is brun's");
	must_be(access("/proc/self/status", R_OK) == 0, "/proc is brun's");
	must_be(access("/brun/dir/inner", R_OK) == 0, "/brun is the prefix");
	must_fail(access("/etc/secret", F_OK), "reach the outside through a link of the base");
}
