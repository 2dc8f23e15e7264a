/* SPDX-License-Identifier: MIT */
/* Unpacking by way of the confined helper. What archives may hold is unit/unpack.c's matter. */
#include "archive/archive.h"

#include "archive_maker.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "host/helper.h"
#include "sandbox/sandbox.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "test.h"

struct bench {
	char base[64];
	int base_fd, to;
	struct buf archive;
	struct err err;
};

static void
bench_init(struct bench *bench)
{
	*bench = (struct bench){.base = "/tmp/brun-test-XXXXXX"};
	if (!mkdtemp(bench->base)) {
		abort();
	}
	bench->base_fd = fs_open_dir(AT_FDCWD, bench->base, NULL);
	mkdirat(bench->base_fd, "to", 0755);
	bench->to = fs_open_dir(bench->base_fd, "to", NULL);
}

static void
bench_done(struct bench *bench)
{
	close(bench->base_fd);
	close(bench->to);
	CHECK(fs_remove_at(AT_FDCWD, bench->base, NULL) == 0);
	buf_done(&bench->archive);
}

#define BENCH(name)                                                                                \
	__attribute__((cleanup(bench_done))) struct bench name;                                    \
	bench_init(&name);                                                                         \
	if (sandbox_probe(&name.err) < 0) {                                                        \
		SKIP("this host refuses the sandbox");                                             \
	}

/* Unpacks what was put together with this helper. */
static int
unpack_by(struct bench *bench, const char *helper, const struct archive_limits *limits, int cancel)
{
	bench->err = (struct err){0};
	unlinkat(bench->base_fd, "blob", 0);
	fs_create_at(
		bench->base_fd, "blob", 0444, bench->archive.data, bench->archive.length, NULL);
	cleanup_fd int blob = openat(bench->base_fd, "blob", O_RDONLY | O_CLOEXEC);
	struct tree tree = {0};
	int result = archive_unpack(
		helper, blob, bench->to, 0, NULL, limits, cancel, &tree, &bench->err);
	tree_done(&tree);
	return result;
}

static int
unpack(struct bench *bench)
{
	return unpack_by(bench, UNPACK_HELPER, NULL, -1);
}

TEST(the_helper_unpacks_below_its_directory)
{
	BENCH(bench);
	cleanup_buf struct buf tar = {0}, text = {0};

	tar_file(&tar, "d/a", "one");
	tar_add(&tar, '2', "d/l", "/absolute", 0777, "", 0);
	tar_add(&tar, '1', "h", "d/a", 0644, "", 0);
	tar_add(&tar, '0', "run", "", 0755, "", 0);
	tar_end(&tar);
	compressed("xz", tar.data, tar.length, &bench.archive);
	CHECK(unpack(&bench) == 0);
	CHECK_TEXT(bench.err.text, "");
	CHECK(fs_read_at(bench.to, "h", 100, &text, NULL) == 0);
	CHECK_TEXT(buf_text(&text), "one");
	struct stat st;
	CHECK(fstatat(bench.to, "run", &st, 0) == 0 && st.st_mode == (S_IFREG | 0555));
	CHECK(st.st_uid == geteuid() && st.st_gid == getegid());
}

TEST(names_beyond_ascii_pass_the_confined_helper)
{
	BENCH(bench);

	tar_pax(&bench.archive, "path", "\xc3\xa9t\xc3\xa9");
	tar_file(&bench.archive, "x", "one");
	tar_pax(&bench.archive, "hdrcharset", "ISO-IR 10646 2000 UTF-8");
	tar_file(&bench.archive, "y", "two");
	tar_end(&bench.archive);
	CHECK(unpack(&bench) == 0);
	CHECK_TEXT(bench.err.text, "");
	CHECK(faccessat(bench.to, "\xc3\xa9t\xc3\xa9", F_OK, 0) == 0);
}

TEST(what_the_helper_refuses_comes_back_with_its_status)
{
	BENCH(bench);

	tar_file(&bench.archive, "../\033x", "one");
	tar_end(&bench.archive);
	CHECK(unpack(&bench) == -1 && bench.err.status == STATUS_SOURCE);
	CHECK_TEXT(bench.err.text, "member '../?x' climbs with '..'");
}

TEST(limits_are_passed_on)
{
	BENCH(bench);
	const struct archive_limits bytes = {.bytes = 2}, entries = {.entries = 1};

	tar_file(&bench.archive, "a", "one");
	tar_file(&bench.archive, "b", "");
	tar_end(&bench.archive);
	CHECK(unpack_by(&bench, UNPACK_HELPER, &bytes, -1) == -1);
	CHECK(bench.err.status == STATUS_LIMIT && strstr(bench.err.text, "2 bytes"));
	CHECK(unpack_by(&bench, UNPACK_HELPER, &entries, -1) == -1);
	CHECK(bench.err.status == STATUS_LIMIT && strstr(bench.err.text, "1 entries"));
	CHECK(unpack(&bench) == 0);
}

TEST(a_cancelled_unpacking_stops)
{
	BENCH(bench);
	int ends[2];

	CHECK_OR_RETURN(pipe2(ends, O_CLOEXEC) == 0);
	CHECK(write(ends[1], "x", 1) == 1);
	tar_end(&bench.archive);
	CHECK(unpack_by(&bench, UNPACK_HELPER, NULL, ends[0]) == -1);
	CHECK(bench.err.status == STATUS_INTERRUPTED);
	close(ends[0]);
	close(ends[1]);
}

TEST(a_helper_that_is_not_there_is_named)
{
	BENCH(bench);

	CHECK(unpack_by(&bench, "/nowhere/unpack-helper", NULL, -1) == -1);
	CHECK(bench.err.status == STATUS_STORE &&
		strstr(bench.err.text, "'/nowhere/unpack-helper'"));
}

TEST(a_helper_that_says_nothing_has_not_unpacked)
{
	BENCH(bench);

	tar_end(&bench.archive);
	CHECK(unpack_by(&bench, "/bin/true", NULL, -1) == -1 && bench.err.status == STATUS_SOURCE);
	CHECK(strstr(bench.err.text, "gave up (exit status 0)") ||
		strstr(bench.err.text, "gave up (killed by signal 9"));
}

TEST(low_descriptors_are_not_mixed_up)
{
	BENCH(bench);
	struct err err = {0};
	struct tree tree = {0};

	/* The archive as 3 and the directory as 0 is the wrong way round for plain dup2 in
	 * order. */
	tar_file(&bench.archive, "a", "one");
	tar_end(&bench.archive);
	fs_create_at(bench.base_fd, "blob", 0444, bench.archive.data, bench.archive.length, NULL);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(openat(bench.base_fd, "blob", O_RDONLY), 3);
		dup2(bench.to, 0);
		_exit(archive_unpack(UNPACK_HELPER, 3, 0, 0, NULL, NULL, -1, &tree, &err) < 0);
	}
	int status = 0;
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(faccessat(bench.to, "a", F_OK, 0) == 0);
}

TEST(the_helper_ends_with_the_process_that_started_it)
{
	BENCH(bench);
	int archive[2], report[2], watch[2];

	CHECK_OR_RETURN(pipe2(archive, O_CLOEXEC) == 0 && pipe2(report, O_CLOEXEC) == 0 &&
			pipe2(watch, O_CLOEXEC) == 0);
	pid_t starter = fork();
	if (starter == 0) {
		const char *argv[] = {UNPACK_HELPER, "0", "1000", "1000", NULL};
		int fds[] = {archive[0], report[1], watch[1], bench.to};
		pid_t pid;
		_exit(helper_start(argv, fds, 4, &pid, NULL) < 0);
	}
	close(archive[0]);
	close(report[0]);
	close(report[1]);
	close(watch[1]);
	CHECK(waitpid(starter, NULL, 0) == starter);
	/* It waits for an archive that never comes; its end closes its standard error. */
	struct pollfd polled = {watch[0], POLLIN, 0};
	char byte;
	CHECK(poll(&polled, 1, 20000) == 1 && read(watch[0], &byte, 1) == 0);
	close(archive[1]);
	close(watch[0]);
}
