/* SPDX-License-Identifier: MIT */
/* Tries: to put links where brun itself will write when the step is over: its stamp, its temporary
 * names, its store's.
 * Must be seen: an output with the stamp's name is refused; nothing outside is written.
 * Known from: CVE-2026-39860 (Nix copied an output to a name inside of the build's own
 * directory). */
#include "../attack.h"
#include "../inside.h"

#include <stdio.h>
#include <unistd.h>

ATTACK(.status = 3, .says = "the name by which brun knows its own outputs")
{
	static const char *const names[] = {".brun", ".brun.tmp", "tree", "..brun", ".brun-file"};
	char target[4200], path[300];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(target, sizeof(target), "%s/canary/open", told("dir"));
		snprintf(path, sizeof(path), "/dest/brun/%s", names[i]);
		must_be(symlink(target, path) == 0, "a link is made");
		snprintf(path, sizeof(path), "/build/%s", names[i]);
		must_be(symlink(target, path) == 0, "a link is made");
	}
}
