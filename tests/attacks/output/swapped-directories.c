/* SPDX-License-Identifier: MIT */
/* Tries: to exchange directories of the output for links, over and over, by daemons that go on when
 * the step has ended.
 * Must be seen: one state or the other, and nothing from behind the links.
 * Known from: CVE-2018-15664 (docker cp), CVE-2021-30465, CVE-2025-52993: a path that is checked
 * and then used. */
#include "../attack.h"
#include "../inside.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void
check(const struct seen *seen)
{
	struct stat st;
	char path[4200];

	snprintf(path, sizeof(path), "%s/real", seen->output);
	must_be(seen->status == 0 && lstat(path, &st) == 0 &&
			(S_ISDIR(st.st_mode) || S_ISLNK(st.st_mode)),
		"one of the two came out");
}

ATTACK(.check = check)
{
	char target[4200];

	snprintf(target, sizeof(target), "%s/canary/below", told("dir"));
	make_dir("/dest/brun/real");
	put("/dest/brun/real/secret", "x", 1);
	must_be(symlink(target, "/dest/brun/link") == 0, "a link is made");
	for (int i = 0; i < 3; i++) {
		if (fork() == 0) {
			for (;;) {
				renameat2(AT_FDCWD, "/dest/brun/real", AT_FDCWD, "/dest/brun/link",
					RENAME_EXCHANGE);
			}
		}
	}
}
