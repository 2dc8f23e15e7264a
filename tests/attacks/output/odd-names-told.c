/* SPDX-License-Identifier: MIT */
/* Tries: to have brun print such names: by files outside of the prefix, which it names.
 * Must be seen: an error with the names made harmless.
 * Known from: CVE-2003-0063, CVE-2021-42574. */
#include "../attack.h"
#include "../inside.h"

#include <string.h>
#include <sys/stat.h>

static void
check(const struct seen *seen)
{
	must_be(!memmem(seen->said, seen->length, "\033]0;", 4) &&
			!memchr(seen->said, '\a', seen->length) &&
			!memmem(seen->said, seen->length, "\xc2\x9b", 2) &&
			!memmem(seen->said, seen->length, "\xe2\x80\xae", 3) &&
			!memmem(seen->said, seen->length, "\nbrun: all is well", 18),
		"no byte of the name acts on the terminal");
	must_be(memmem(seen->said, seen->length, "/dest/esc", 9) != NULL, "but the name is told");
}

ATTACK(.status = 1, .has_terminal = true, .says = "outside of its prefix", .check = check)
{
	put("/dest/esc\033]0;title\a", "x", 1);
	put("/dest/x\nbrun: all is well", "x", 1);
	make_dir("/dest/\xc2\x9b"
		 "31m");
	put("/dest/\xe2\x80\xae"
	    "fdp",
		"x", 1);
	must_be(mkfifo("/dest/brun/\033]0;title\a", 0644) == 0, "a FIFO is made");
}
