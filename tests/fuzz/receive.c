/* SPDX-License-Identifier: MIT */
/* The near side of an unpacking: whatever a helper tells, it ends, below its directory, and a tree
 * that comes of it is what is there. */
#include "archive/receive.h"

#include "archive/archive.h"
#include "base/err.h"
#include "base/fs.h"
#include "tree/tree.h"
#include "unpacking.h"

#include <stdint.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct archive_limits limits = {.bytes = 4 << 20, .entries = 100};
	struct tree tree = {0};
	struct err err = {0};

	cleanup_fd int stream = memfd_create("stream", MFD_CLOEXEC);
	if (fs_write_all(stream, data, size, &err) < 0 || lseek(stream, 0, SEEK_SET) < 0) {
		abort();
	}
	int to = unpacking_begin();
	if (receive_tree(stream, to, &limits, -1, &tree, &err) == 1 &&
		tree_verify(&tree, to, &err) < 0) {
		abort();
	}
	tree_done(&tree);
	unpacking_end(to);
	return 0;
}
