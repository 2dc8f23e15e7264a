/* SPDX-License-Identifier: MIT */
/* Tries: to leave a FIFO, which whoever opens it for reading waits at.
 * Must be seen: an error that names it, at once.
 * Known from: fifo(7). */
#include "../attack.h"

#include <sys/stat.h>

ATTACK(.status = 1, .says = "is a FIFO")
{
	must_be(mkfifo("/dest/brun/fifo", 0644) == 0, "a FIFO is made");
}
