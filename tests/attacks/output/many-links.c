/* SPDX-License-Identifier: MIT */
/* Tries: to leave files with thousands of names, so that a file of the output is one that somebody
 * else can still write.
 * Must be seen: files of their own, each with one name in the output.
 * Known from: link(2); a store that takes files over keeps who has a name or a descriptor of
 * them. */
#include "../attack.h"
#include "../inside.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void
check(const struct seen *seen)
{
	char path[4200];
	struct stat st;

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/name%d", seen->output, i);
		must_be(lstat(path, &st) == 0 && st.st_nlink == 1 && st.st_size == 8,
			"it has one name");
	}
}

ATTACK(.check = check)
{
	char path[64];

	put("/build/outer", "shared!\n", 8);
	for (int i = 0; i < 2000; i++) {
		snprintf(path, sizeof(path), i < 200 ? "/dest/brun/name%d" : "/build/name%d", i);
		/* other mounts are other places: the first link is made the hard way */
		if (i == 0) {
			put(path, "shared!\n", 8);
		} else {
			must_be(link(i < 200 ? "/dest/brun/name0" : "/build/outer", path) == 0,
				"a link is made");
		}
	}
}
