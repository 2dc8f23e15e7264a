/* SPDX-License-Identifier: MIT */
/* Tries: to shut brun out: modes 0000 on files and directories, in the output and beside it.
 * Must be seen: the output comes out all the same, and nothing is left.
 * Known from: CVE-2025-46415 (clean-up of a build's directory), unlink(2): a directory's mode is
 * what counts. */
#include "../attack.h"
#include "../inside.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void
check(const struct seen *seen)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/closed/file", seen->output);
	must_be(seen->status == 0 && access(path, R_OK) == 0, "the file came out and can be read");
}

ATTACK(.check = check)
{
	make_dir("/dest/brun/closed");
	put("/dest/brun/closed/file", "x", 1);
	make_dir("/build/closed");
	make_dir("/build/closed/below");
	put("/build/closed/below/file", "x", 1);
	/* The honest output first: the directory is closed to this program, too. */
	put("/dest/brun/held", "held\n", 5);
	must_be(chmod("/dest/brun/closed/file", 0) == 0 && chmod("/dest/brun/closed", 0) == 0 &&
			chmod("/build/closed/below/file", 0) == 0 &&
			chmod("/build/closed/below", 0) == 0 && chmod("/build/closed", 0) == 0 &&
			chmod("/build/source", 0) == 0 && chmod("/build", 0) == 0 &&
			chmod("/dest/brun", 0) == 0 && chmod("/dest", 0) == 0,
		"all is closed");
	_exit(0);
}
