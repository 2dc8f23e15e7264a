/* SPDX-License-Identifier: MIT */
/* Tries: to leave so many names that clean-up takes too long or forgets some.
 * Must be seen: the output comes out, and nothing is left.
 * Known from: readdir(3): what is removed during a walk may move what is not. */
#include "../attack.h"
#include "../inside.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

ATTACK()
{
	char name[64];

	make_dir("/build/many");
	must_be(chdir("/build/many") == 0, "it can go there");
	for (int i = 0; i < 8000; i++) {
		snprintf(name, sizeof(name), "%d", i);
		must_be(mknod(name, S_IFREG | 0644, 0) == 0, "a file is made");
		if (i % 10 == 0) {
			snprintf(name, sizeof(name), "dir%d", i);
			must_be(mkdir(name, 0755) == 0, "a directory is made");
		}
	}
}
