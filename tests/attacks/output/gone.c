/* SPDX-License-Identifier: MIT */
/* Tries: to take the output's place away, and to succeed.
 * Must be seen: an error.
 * Known from: rename(2): a directory that was opened has another name, and something else its
 * own. */
#include "../attack.h"
#include "../inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

ATTACK(.status = 1, .says = "outside of its prefix")
{
	put("/dest/brun/held", "held\n", 5);
	must_be(rename("/dest/brun", "/dest/elsewhere") == 0, "it is moved away");
	put("/dest/brun", "a file", 6);
	exit(0);
}
