/* SPDX-License-Identifier: MIT */
/* Tries: to get a set-id program and sticky, writable and set-group directories out.
 * Must be seen: files of 0555 or 0444, directories of 0555 in the store, none of these bits in the
 * output.
 * Known from: open(O_CREAT, 04755) passes filters that look at chmod; Guix's build user takeover of
 * 2024 began with a set-id program in an output. */
#include "../attack.h"
#include "../inside.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int
look(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)path;
	(void)at;
	must_be(type == FTW_SL || !(st->st_mode & 07022), "no such bit comes out");
	return 0;
}

static void
check(const struct seen *seen)
{
	char path[4200];

	nftw(seen->output, look, 16, FTW_PHYS);
	snprintf(path, sizeof(path), "%s/store/trees", seen->dir);
	nftw(path, look, 16, FTW_PHYS);
	snprintf(path, sizeof(path), "%s/program", seen->output);
	must_be(access(path, X_OK) == 0, "the program is one");
}

ATTACK(.check = check)
{
	copy_self("/dest/brun/program", 06755);
	int fd = open("/dest/brun/other", O_CREAT | O_WRONLY, 04777);
	must_be(fd >= 0 && fchmod(fd, 07777) == 0, "all bits can be set");
	make_dir("/dest/brun/dir");
	must_be(chmod("/dest/brun/dir", 07777) == 0 && chmod("/dest/brun", 07777) == 0 &&
			chmod("/dest", 07777) == 0 && chmod("/build", 07777) == 0,
		"and on directories");
}
