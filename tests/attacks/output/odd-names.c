/* SPDX-License-Identifier: MIT */
/* Tries: to get names out that break terminals, scripts and manifests: control bytes, newlines, no
 * UTF-8, 255 bytes, blanks and dashes.
 * Must be seen: the same names, byte for byte; none of the bytes raw on brun's terminal.
 * Known from: CVE-2003-0063 (escape sequences that type), CVE-2021-42574 (text that reads
 * backwards). */
#include "../attack.h"
#include "../inside.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const names[] = {"new\nline", "esc\033]0;title\a", "\xff\xfe\x80", "-rf", " ",
	"...", "tab\tcr\r",
	"\xe2\x80\xae"
	"txt.exe",
	"\x7f", "back\\slash", "'\"$(touch x)`",
	"\xc2\x9b"
	"31m",
	"*"};

static void
check(const struct seen *seen)
{
	char path[4600];

	must_be(seen->status == 0, "the step succeeds");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", seen->output, names[i]);
		must_be(access(path, F_OK) == 0, "the name came out");
	}
	must_be(!memchr(seen->said, '\a', seen->length), "nothing odd was printed");
}

ATTACK(.check = check)
{
	char path[600];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "/dest/brun/%s", names[i]);
		put(path, "x", 1);
	}
	memset(path, 'n', sizeof(path));
	memcpy(path, "/dest/brun/", 11);
	path[11 + 255] = '\0';
	put(path, "x", 1);
}
