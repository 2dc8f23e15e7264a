/* SPDX-License-Identifier: MIT */
/* Archives: whatever the bytes are, unpacking ends, within its limits, below its directory. The
 * first byte chooses between an archive (even) and a lone file (odd). */
#include "archive/unpack.h"

#include "archive/archive.h"
#include "archive/receive.h"
#include "base/err.h"
#include "base/fs.h"
#include "tree/tree.h"

#include <fcntl.h>
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
	unpack_prepare();
}

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
	struct err err = {0};
	struct unpack_options options = {.bytes = 1 << 20, .entries = 100};

	if (base_fd < 0) {
		prepare();
	}
	if (size == 0) {
		return 0;
	}
	options.single = data[0] % 2 ? "lone" : NULL;
	options.strip = data[0] / 2 % 3;
	if (mkdirat(base_fd, "to", 0755) < 0) {
		abort();
	}
	int to = fs_open_dir(base_fd, "to", &err);
	unpack(data + 1, size - 1, to, &options);
	close(to);
	/* Whatever came out lies below "to": nothing appeared beside it. */
	char **names;
	size_t count;
	if (fs_remove_at(base_fd, "to", &err) < 0 ||
		fs_list_dir(base_fd, &names, &count, &err) < 0 || count != 0) {
		abort();
	}
	free(names);
	return 0;
}
