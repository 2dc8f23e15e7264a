/* SPDX-License-Identifier: MIT */
/* Tries: to act on the person's terminal through the log of a step that fails: titles, colours,
 * bells, the clipboard, 8-bit controls, cursor moves over brun's own lines.
 * Must be seen: the text, and none of the controls.
 * Known from: CVE-2003-0063; CVE-2023-28486 (sudo's log). */
#include "../attack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
check(const struct seen *seen)
{
	/* whole enough not to be the footer's own */
	static const char *const controls[] = {"\033]0;", "\033]52;", "\a", "\033[31m", "\033[2J",
		"\033[1A\033c", "\033c", "\033P", "\xc2\x9b",
		"\x9b"
		"31m",
		"\b\b\b", "\xe2\x80\xae"};

	for (size_t i = 0; i < sizeof(controls) / sizeof(*controls); i++) {
		if (strstr(seen->said, controls[i])) {
			printf("#! control %zu reached the terminal\n", i);
			must_be(false, "no control of the log reaches the terminal");
		}
	}
	must_be(strstr(seen->said, "harmless text") != NULL, "the text is shown");
}

ATTACK(.status = 1, .has_terminal = true, .check = check)
{
	fputs("\033]0;owned\a harmless text\n\033]52;c;cm0gLXJmIC8K\a\n\033[31mred\033[2J\033[1A\033c\n",
		stdout);
	fputs("\033Pq\033\\\n\xc2\x9b"
	      "31m \x9b"
	      "31m\nover\b\b\b\bwritten\r\n\xe2\x80\xae"
	      "txet\n",
		stdout);
	exit(3);
}
