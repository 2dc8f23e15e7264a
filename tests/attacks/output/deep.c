/* SPDX-License-Identifier: MIT */
/* Tries: to leave ten thousand directories in each other, in the output and beside it.
 * Must be seen: an error; not a directory is left.
 * Known from: path_resolution(7): PATH_MAX; a recursion by descriptors or on the stack ends
 * sooner. */
#include "../attack.h"

#include <sys/stat.h>
#include <unistd.h>

static void
dig(const char *from, int depth)
{
	must_be(chdir(from) == 0, "it can go there");
	for (int i = 0; i < depth; i++) {
		if (mkdir("d", 0755) < 0 || chdir("d") < 0) {
			must_be(false, "the hole can be dug");
			return;
		}
	}
}

ATTACK(.status = 1, .says = "longer than 4095 bytes")
{
	dig("/dest/brun", 10000);
	dig("/build/source", 3000);
}
