/* SPDX-License-Identifier: MIT */
/* Tries: to get extended attributes and access control lists out, default ones that new files get
 * among them.
 * Must be seen: none on anything in the store or the output.
 * Known from: xattr(7), acl(5). */
#include "../attack.h"
#include "../inside.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

static int
look(const char *path, const struct stat *st, int type, struct FTW *at)
{
	char names[4096];
	ssize_t length = llistxattr(path, names, sizeof(names));

	(void)st;
	(void)type;
	(void)at;
	for (char *name = names; length > 0 && name < names + length; name += strlen(name) + 1) {
		must_be(strncmp(name, "user.", 5) != 0 && !strstr(name, "acl") &&
				strcmp(name, "security.capability") != 0,
			"no attribute comes out");
	}
	return 0;
}

static void
check(const struct seen *seen)
{
	char path[4200];

	must_be(seen->status == 0, "the step succeeds");
	nftw(seen->output, look, 16, FTW_PHYS);
	snprintf(path, sizeof(path), "%s/store/trees", seen->dir);
	nftw(path, look, 16, FTW_PHYS);
}

ATTACK(.check = check)
{
	/* version 2; user::rwx, group::rwx, mask::rwx, other::rwx, user:1000:rwx */
	static const unsigned char acl[] = {2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 7, 0,
		0xe8, 3, 0, 0, 4, 0, 7, 0, 255, 255, 255, 255, 16, 0, 7, 0, 255, 255, 255, 255, 32,
		0, 7, 0, 255, 255, 255, 255};

	make_dir("/dest/brun/dir");
	put("/dest/brun/dir/file", "x", 1);
	(void)!setxattr("/dest/brun/dir/file", "user.note", "evil", 4, 0);
	(void)!setxattr("/dest/brun/dir", "user.note", "evil", 4, 0);
	(void)!setxattr("/dest", "system.posix_acl_default", acl, sizeof(acl), 0);
	(void)!setxattr("/dest/brun", "system.posix_acl_default", acl, sizeof(acl), 0);
	(void)!setxattr("/dest/brun/dir/file", "system.posix_acl_access", acl, sizeof(acl), 0);
}
