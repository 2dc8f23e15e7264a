/* SPDX-License-Identifier: MIT */
/* Tries: to leave a link to a directory outside where the output is expected.
 * Must be seen: an error that names the place; the link is not followed.
 * Known from: CVE-2024-27297, CVE-2026-39860 (Nix followed links while it registered an output). */
#include "../attack.h"
#include "../inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

ATTACK(.status = 1, .says = "no directory at /dest/brun")
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/canary", told("dir"));
	must_be(rmdir("/dest/brun") == 0 && symlink(path, "/dest/brun") == 0, "the link is made");
	exit(0);
}
