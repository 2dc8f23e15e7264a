/* SPDX-License-Identifier: MIT */
/* Tries: to go on writing to the output when the step has ended: by daemons with descriptors, by a
 * shared mapping.
 * Must be seen: a file in the output whose hash is the one in the manifest, and no process.
 * Known from: CVE-2024-27297 (an output that was changed after it was hashed). */
#include "../attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* sha256sum of what came out must be in one of the manifests. */
static void
check(const struct seen *seen)
{
	char command[16384];

	snprintf(command, sizeof(command),
		"for f in mapped written; do h=$(sha256sum <'%s'/$f | cut -d' ' -f1); "
		"grep -qa $h '%s'/store/manifests/* || exit 1; done",
		seen->output, seen->dir);
	must_be(seen->status == 0 && system(command) == 0, "what came out is what was hashed");
}

ATTACK(.check = check)
{
	int written = open("/dest/brun/written", O_RDWR | O_CREAT, 0644);
	int mapped = open("/dest/brun/mapped", O_RDWR | O_CREAT, 0644);

	must_be(ftruncate(mapped, 4 << 20) == 0, "the file is made");
	char *map = mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, mapped, 0);
	for (int i = 0; i < 4; i++) {
		if (fork() == 0) {
			for (unsigned long n = 0;; n++) {
				memset(map + (n % 1024) * 4096, (int)n, 4096);
				(void)!pwrite(written, &n, sizeof(n), (off_t)(n % 65536));
			}
		}
	}
}
