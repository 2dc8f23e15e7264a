/* SPDX-License-Identifier: MIT */
/* unpack-helper STRIP BYTES ENTRIES [SINGLE]: tells what is in the archive on descriptor 0.
 * unpack-helper enclose: the way back, of the directory on descriptor 3; the manifest is on
 * descriptor 4. archive.c starts it; what it says on descriptor 1 is parcel.h's. */
#include "archive/enclose.h"
#include "archive/parcel.h"
#include "archive/unpack.h"
#include "base/buf.h"
#include "base/descriptors.h"
#include "base/err.h"
#include "base/fs.h"
#include "sandbox/sandbox.h"
#include "tree/tree.h"

#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARCHIVE_FD = 0, REPORT_FD = 1, TARGET_FD = 3, MANIFEST_FD = 4, MANIFEST_MOST = 1 << 30 };

/* Decompressors believe what a header says about their dictionary: a cap on memory makes that an
 * error in one archive instead of a machine without memory. AddressSanitizer needs terabytes of
 * address space. */
static void
limit_resources(void)
{
	struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__
	struct rlimit memory = {(rlim_t)4 << 30, (rlim_t)4 << 30};
	(void)setrlimit(RLIMIT_AS, &memory);
#endif
}

/* Confinement makes sure that we end with the one that started us, from then on. Had that one gone
 * before, nobody holds the other end of the pipe any more. */
static bool
has_reader(void)
{
	struct pollfd polled = {REPORT_FD, 0, 0};

	return poll(&polled, 1, 0) == 0;
}

static int
confine(unsigned first_free_fd, int root_fd, struct err *err)
{
	descriptors_close(first_free_fd, ~0U);
	umask(0);
	limit_resources();
	unpack_prepare();
	return sandbox_confine(root_fd, false, err) < 0
		       ? err_wrap(err, "confining the unpacking process")
		       : 0;
}

static int
run_enclose(struct err *err)
{
	cleanup_buf struct buf manifest = {0};
	struct tree tree;

	if (confine(MANIFEST_FD + 1, TARGET_FD, err) < 0 ||
		fs_read_all(MANIFEST_FD, MANIFEST_MOST, &manifest, err) < 0 ||
		tree_parse(&manifest, &tree, err) < 0) {
		return -1;
	}
	int result = enclose_tree(&tree, TARGET_FD, ARCHIVE_FD, err);
	tree_done(&tree);
	return result;
}

static void
report(const struct err *err)
{
	struct parcel_writer writer;

	parcel_writer_init(&writer, REPORT_FD);
	(void)parcel_put_end(&writer, err);
	parcel_writer_done(&writer);
}

static void
run_unpack(char **args, struct err *err)
{
	struct unpack_options options = {
		.strip = (unsigned)strtoul(args[0], NULL, 10),
		.bytes = strtoull(args[1], NULL, 10),
		.entries = strtoull(args[2], NULL, 10),
		.single = args[3],
	};

	if (confine(STDERR_FILENO + 1, -1, err) < 0) {
		report(err);
	} else if (has_reader()) {
		(void)unpack_fd(ARCHIVE_FD, REPORT_FD, &options, err);
	}
}

int
main(int argc, char **argv)
{
	struct err err = {0};

	bool is_enclosing = argc == 2 && strcmp(argv[1], "enclose") == 0;
	if (!is_enclosing && (argc < 4 || argc > 5)) {
		return STATUS_USAGE;
	}
	if (is_enclosing) {
		(void)run_enclose(&err);
		report(&err);
	} else {
		run_unpack(argv + 1, &err);
	}
	/* Not exit(): nothing that wants to look around at the end may run in here. */
	_exit((int)err.status);
}
