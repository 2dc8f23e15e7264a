/* SPDX-License-Identifier: MIT */
/* The near side of an unpacking: whatever a helper tells, it ends, below its directory, and a tree
 * that comes of it is what is there. */
#include "archive/receive.h"

#include "archive/archive.h"
#include "base/err.h"
#include "base/fs.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char base[64];
static int base_fd = -1;

static void
clean_up(void)
{
	(void)fs_remove_at(AT_FDCWD, base, NULL);
}

static void
prepare(void)
{
	snprintf(base, sizeof(base), "/dev/shm/brun-fuzz-XXXXXX");
	if (!mkdtemp(base)) {
		abort();
	}
	atexit(clean_up);
	base_fd = fs_open_dir(AT_FDCWD, base, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct archive_limits limits = {.bytes = 4 << 20, .entries = 100};
	struct tree tree = {0};
	struct err err = {0};

	if (base_fd < 0) {
		prepare();
	}
	cleanup_fd int stream = memfd_create("stream", MFD_CLOEXEC);
	if (mkdirat(base_fd, "to", 0755) < 0 || fs_write_all(stream, data, size, &err) < 0 ||
		lseek(stream, 0, SEEK_SET) < 0) {
		abort();
	}
	int to = fs_open_dir(base_fd, "to", &err);
	if (receive_tree(stream, to, &limits, -1, &tree, &err) == 1 &&
		tree_verify(&tree, to, &err) < 0) {
		abort();
	}
	tree_done(&tree);
	close(to);
	char **names;
	size_t count;
	if (fs_remove_at(base_fd, "to", &err) < 0 ||
		fs_list_dir(base_fd, &names, &count, &err) < 0 || count != 0) {
		abort();
	}
	free(names);
	return 0;
}
