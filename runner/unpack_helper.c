/* SPDX-License-Identifier: MIT */
/* unpack-helper STRIP BYTES ENTRIES [SINGLE]: unpacks the archive on descriptor 0 into the
 * directory on descriptor 3. archive.c starts it and describes what comes back on descriptor 1. */
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "sandbox/sandbox.h"
#include "unpack.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
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

/* Nobody will read the report. */
static void
end_without_reader(int signal)
{
	struct pollfd polled = {REPORT_FD, 0, 0};

	(void)signal;
	if (poll(&polled, 1, 0) == 1 && polled.revents & POLLERR) {
		_exit(STATUS_INTERRUPTED);
	}
}

/* PR_SET_PDEATHSIG does not outlive the user namespace that confinement makes (commit_creds() in
 * the kernel's kernel/cred.c takes it back), a timer does. */
static void
watch_reader(void)
{
	const struct sigaction action = {.sa_handler = end_without_reader, .sa_flags = SA_RESTART};
	const struct itimerval often = {.it_interval.tv_usec = 200000, .it_value.tv_usec = 200000};

	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &often, NULL);
}

static int
confine(struct err *err)
{
	watch_reader();
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
