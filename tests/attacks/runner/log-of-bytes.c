/* SPDX-License-Identifier: MIT */
/* Tries: to upset who reads the log: NUL bytes, invalid UTF-8, a line of a megabyte, no line end.
 * Must be seen: an ordinary failure, its end cut to a few lines.
 * Known from: JSON must be UTF-8 (RFC 8259, section 8.1); a NUL ends a C string. */
#include "../attack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
check(const struct seen *seen)
{
	must_be(seen->length < 20000, "what is shown is short");
	must_be(!memchr(seen->said, '\0', seen->length), "there is no NUL in it");
}

ATTACK(.status = 1, .says = "exit status 3", .check = check)
{
	for (int i = 0; i < 1 << 20; i++) {
		putchar(i & 0xff);
	}
	for (int i = 0; i < 1 << 20; i++) {
		putchar('x');
	}
	fwrite("\0\0\0\xff\xfe", 1, 5, stdout);
	exit(3);
}
