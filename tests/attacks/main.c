/* SPDX-License-Identifier: MIT */
/* One static program is both sides: as /bin/sh of a step the hostile one, else the driver. */
#include "inside.h"
#include "outside.h"

#include <string.h>

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "-e") == 0) {
		return inside_main(argv[2]);
	}
	return outside_main(argc, argv);
}
