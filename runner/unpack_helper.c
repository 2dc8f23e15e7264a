/* SPDX-License-Identifier: MIT */
/* unpack-helper STRIP BYTES ENTRIES [SINGLE]: unpacks the archive on descriptor 0 into the
 * directory on descriptor 3. archive.c starts it and describes what comes back on descriptor 1. */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "sandbox/sandbox.h"
#include "unpack.h"

#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARCHIVE_FD = 0, REPORT_FD = 1, TARGET_FD = 3, FIRST_FREE_FD = 4 };

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
confine(struct err *err)
{
	(void)close_range(FIRST_FREE_FD, ~0U, 0);
	umask(0);
	limit_resources();
	unpack_prepare();
	return sandbox_confine(TARGET_FD, true, err);
}

static int
run(char **args, struct err *err)
{
	struct unpack_options options = {
		.strip = (unsigned)strtoul(args[0], NULL, 10),
		.bytes = strtoull(args[1], NULL, 10),
		.entries = strtoull(args[2], NULL, 10),
		.single = args[3],
	};

	if (confine(err) < 0) {
		return err_wrap(err, "confining the unpacking process");
	}
	if (!has_reader()) {
		return err_fail(err, STATUS_INTERRUPTED, "nobody waits for the archive");
	}
	return unpack_fd(ARCHIVE_FD, TARGET_FD, &options, err);
}

int
main(int argc, char **argv)
{
	struct err err = {0};
	cleanup_buf struct buf report = {0};

	if (argc < 4 || argc > 5) {
		return STATUS_USAGE;
	}
	(void)run(argv + 1, &err);
	buf_printf(&report, "%d %d\n%s", (int)err.status, err.number, err.text);
	buf_putc(&report, '\0');
	int result = fs_write_all(REPORT_FD, report.data, report.length, NULL);
	/* Not exit(): nothing that wants to look around at the end may run in here. */
	_exit(result < 0 ? STATUS_STORE : (int)err.status);
}
