/* SPDX-License-Identifier: MIT */
/* Archives: whatever the bytes are, unpacking ends, within its limits, below its directory. The
 * first byte chooses between an archive (even) and a lone file (odd). */
#include "archive/unpack.h"

#include "archive/archive.h"
#include "archive/receive.h"
#include "base/err.h"
#include "base/fs.h"
#include "tree/tree.h"
#include "unpacking.h"

#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* By way of the stream; what comes of it is what the tree says. */
static void
unpack(const uint8_t *data, size_t size, int to, const struct unpack_options *options)
{
	const struct archive_limits limits = {options->bytes, options->entries};
	cleanup_fd int stream = memfd_create("stream", MFD_CLOEXEC);
	struct tree tree = {0};
	struct err err = {0};

	if (unpack_memory(data, size, stream, options, &err) < 0) {
		err = (struct err){0};
	}
	if (lseek(stream, 0, SEEK_SET) < 0) {
		abort();
	}
	int result = receive_tree(stream, to, &limits, -1, &tree, &err);
	if (result == 0 || (result == 1 && tree_verify(&tree, to, &err) < 0)) {
		abort();
	}
	tree_done(&tree);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_prepared;
	struct unpack_options options = {.bytes = 1 << 20, .entries = 100};

	if (size == 0) {
		return 0;
	}
	if (!is_prepared) {
		unpack_prepare();
		is_prepared = true;
	}
	options.single = data[0] % 2 ? "lone" : NULL;
	options.strip = data[0] / 2 % 3;
	int to = unpacking_begin();
	unpack(data + 1, size - 1, to, &options);
	unpacking_end(to);
	return 0;
}
