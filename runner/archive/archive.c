/* SPDX-License-Identifier: MIT */
/* The near side of unpack-helper. It is started once an archive, as
 *
 *	unpack-helper STRIP BYTES ENTRIES [SINGLE]
 *
 * with the archive as descriptor 0, a pipe as 1, the target directory as 3. Once it is done it
 * writes "STATUS ERRNO\nTEXT" and a NUL byte to the pipe: a struct err in print, status 0 when the
 * archive is unpacked. A report without the NUL is none: the helper died.
 *
 * As "unpack-helper enclose" it makes the archive, as descriptor 0, of the directory 3, by the
 * manifest that it reads from descriptor 4. */
#include "archive/archive.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "host/helper.h"
#include "text/printable.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { REPORT_MOST = 16384 };

/* Reads the report up to the end of the pipe: 0, or -1 when cancelled or not readable. */
static int
read_report(int pipe_fd, int cancel_fd, struct buf *report, struct err *err)
{
	struct pollfd polled[] = {{pipe_fd, POLLIN, 0}, {cancel_fd, POLLIN, 0}};

	for (;;) {
		if (poll(polled, 2, -1) < 0) {
			if (errno == EINTR) {
				continue;
			}
			return err_set(err, errno, "poll");
		}
		if (polled[1].revents) {
			return err_fail(err, STATUS_INTERRUPTED, "unpacking was stopped");
		}
		ssize_t got = read(pipe_fd, buf_reserve(report, 4096), 4096);
		if (got < 0 && errno != EINTR) {
			return err_set(err, errno, "reading from the unpack helper");
		}
		if (got == 0 || report->length > REPORT_MOST) {
			buf_add(report, "", 0);
			return 0;
		}
		report->length += got > 0 ? (size_t)got : 0;
	}
}

/* What the helper said. It worked on a stranger's bytes: its word is checked for form. */
static int
judge(const struct buf *report, const char *how, struct err *err)
{
	int status, number, at = 0;
	const char *text = buf_text(report);

	if (report->length == 0 || text[report->length - 1] != '\0' ||
		sscanf(text, "%d %d%n", &status, &number, &at) != 2 || text[at] != '\n' ||
		status < 0 || status > STATUS_UNPACKABLE) {
		return err_fail(err, STATUS_SOURCE, "the unpack helper gave up (%s)", how);
	}
	if (status == STATUS_OK) {
		return 0;
	}
	cleanup_free char *shown = printable_text(text + at + 1);
	err_fail(err, (enum status)status, "%s", shown);
	if (err) {
		err->number = number;
	}
	return -1;
}

/* Starts the helper with a pipe as its descriptor 1, and waits for its report. */
static int
employ(const char *const *argv, int *fds, size_t fd_count, int cancel_fd, struct err *err)
{
	cleanup_buf struct buf report = {0};
	int ends[2];
	char how[64];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		return err_set(err, errno, "pipe");
	}
	cleanup_fd int near = ends[0];
	fds[1] = ends[1];
	int result = helper_start(argv, fds, fd_count, &pid, err);
	close(ends[1]);
	if (result < 0) {
		return -1;
	}
	result = read_report(near, cancel_fd, &report, err);
	helper_end(pid, how);
	return result < 0 ? -1 : judge(&report, how, err);
}

int
archive_unpack(const char *helper, int blob_fd, int to_fd, unsigned strip, const char *single,
	const struct archive_limits *limits, int cancel_fd, struct err *err)
{
	uint64_t bytes = limits && limits->bytes ? limits->bytes : (uint64_t)64 << 30;
	uint64_t entries = limits && limits->entries ? limits->entries : 4000000;
	char text[3][24];
	int fds[] = {blob_fd, -1, STDERR_FILENO, to_fd};

	snprintf(text[0], sizeof(text[0]), "%u", strip);
	snprintf(text[1], sizeof(text[1]), "%" PRIu64, bytes);
	snprintf(text[2], sizeof(text[2]), "%" PRIu64, entries);
	const char *argv[] = {helper, text[0], text[1], text[2], single, NULL};
	return employ(argv, fds, 4, cancel_fd, err);
}

int
archive_enclose(const char *helper, const struct tree *tree, int dir_fd, int to_fd, int cancel_fd,
	struct err *err)
{
	const char *argv[] = {helper, "enclose", NULL};
	cleanup_fd int manifest = memfd_create("manifest", MFD_CLOEXEC);
	int fds[] = {to_fd, -1, STDERR_FILENO, dir_fd, manifest};

	if (manifest < 0) {
		return err_set(err, errno, "memfd_create");
	}
	if (fs_write_all(manifest, tree->text, tree->text_length, err) < 0) {
		return -1;
	}
	if (lseek(manifest, 0, SEEK_SET) < 0) {
		return err_set(err, errno, "seek");
	}
	return employ(argv, fds, 5, cancel_fd, err);
}
