/* SPDX-License-Identifier: MIT */
/* Runs each file of a corpus folder through a fuzz target, once: what was found stays found. */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
main(int argc, char **argv)
{
	struct err err = {0};
	cleanup_free char **names = NULL;
	size_t count = 0;
	cleanup_fd int dir = argc == 2 ? fs_open_dir(AT_FDCWD, argv[1], &err) : -1;

	if (dir < 0 || fs_list_dir(dir, &names, &count, &err) < 0 || count == 0) {
		printf("not ok 1 - a corpus to replay # %s\n1..1\n", err.text);
		return 1;
	}
	for (size_t i = 0; i < count; i++) {
		cleanup_buf struct buf input = {0};
		if (fs_read_at(dir, names[i], 64 << 20, &input, &err) < 0) {
			printf("not ok %zu - %s # %s\n", i + 1, names[i], err.text);
			return 1;
		}
		LLVMFuzzerTestOneInput((const uint8_t *)buf_text(&input), input.length);
		printf("ok %zu - %s\n", i + 1, names[i]);
		fflush(stdout);
	}
	printf("1..%zu\n", count);
	return 0;
}
