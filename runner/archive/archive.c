/* SPDX-License-Identifier: MIT */
/* The near side of unpack-helper. It is started once an archive, as
 *
 *	unpack-helper STRIP BYTES ENTRIES [SINGLE]
 *
 * with the archive as descriptor 0 and a pipe as 1, to which it tells what is in the archive and
 * how it went (parcel.h). A stream without an end is none: the helper died.
 *
 * As "unpack-helper enclose" it makes the archive, as descriptor 0, of the directory 3, by the
 * manifest that it reads from descriptor 4; the stream is but an end. */
#include "archive/archive.h"

#include "archive/parcel.h"
#include "archive/receive.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "host/helper.h"
#include "store/disk.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PIPE_SIZE = 1 << 20 };

/* A helper, and the near end of its stream. */
struct employed {
	int stream;
	pid_t pid;
};

static int
employ(const char *const *argv, int *fds, size_t fd_count, struct employed *ret_employed,
	struct err *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0) {
		return err_set(err, errno, "pipe");
	}
	/* Where that is too much for an ordinary user, the usual size does. */
	(void)fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE);
	fds[1] = ends[1];
	int result = helper_start(argv, fds, fd_count, &ret_employed->pid, err);
	close(ends[1]);
	if (result < 0) {
		close(ends[0]);
	}
	ret_employed->stream = ends[0];
	return result;
}

/* `result`: 1 as it should be, 0 it makes no sense, -1. */
static int
dismiss(const struct employed *employed, int result, struct err *err)
{
	char how[64];

	close(employed->stream);
	helper_end(employed->pid, how);
	return result == 0  ? err_fail(err, STATUS_SOURCE, "the unpack helper gave up (%s)", how)
	       : result < 0 ? -1
			    : 0;
}

/* The helper has nothing to tell but how it went. */
static int
read_end(int stream, int cancel_fd, struct err *err)
{
	struct parcel_reader reader;
	struct parcel parcel;

	parcel_reader_init(&reader, stream, cancel_fd);
	int result = parcel_read(&reader, &parcel, err);
	if (result == 1) {
		result = parcel.kind == PARCEL_END ? parcel_judge(&parcel, err) : 0;
		parcel_done(&parcel);
	}
	parcel_reader_done(&reader);
	return result;
}

int
archive_unpack(const char *helper, int blob_fd, int to_fd, unsigned strip, const char *single,
	const struct archive_limits *limits, int cancel_fd, struct tree *ret_tree, struct err *err)
{
	const struct archive_limits most = {
		.bytes = limits && limits->bytes ? limits->bytes : (uint64_t)64 << 30,
		.entries = limits && limits->entries ? limits->entries : 4000000,
	};
	char text[3][24];
	int fds[] = {blob_fd, -1, STDERR_FILENO};
	struct employed employed;

	snprintf(text[0], sizeof(text[0]), "%u", strip);
	snprintf(text[1], sizeof(text[1]), "%" PRIu64, most.bytes);
	snprintf(text[2], sizeof(text[2]), "%" PRIu64, most.entries);
	const char *argv[] = {helper, text[0], text[1], text[2], single, NULL};
	if (employ(argv, fds, 3, &employed, err) < 0) {
		return -1;
	}
	int result = receive_tree(employed.stream, to_fd, &most, cancel_fd, ret_tree, err);
	return dismiss(&employed, result, err) < 0 ? disk_explain(to_fd, err) : 0;
}

int
archive_enclose(const char *helper, const struct tree *tree, int dir_fd, int to_fd, int cancel_fd,
	struct err *err)
{
	const char *argv[] = {helper, "enclose", NULL};
	cleanup_fd int manifest = memfd_create("manifest", MFD_CLOEXEC);
	int fds[] = {to_fd, -1, STDERR_FILENO, dir_fd, manifest};
	struct employed employed;

	if (manifest < 0) {
		return err_set(err, errno, "memfd_create");
	}
	if (fs_write_all(manifest, tree->text, tree->text_length, err) < 0) {
		return -1;
	}
	if (lseek(manifest, 0, SEEK_SET) < 0) {
		return err_set(err, errno, "seek");
	}
	if (employ(argv, fds, 5, &employed, err) < 0) {
		return -1;
	}
	return dismiss(&employed, read_end(employed.stream, cancel_fd, err), err);
}
