/* SPDX-License-Identifier: MIT */
#include "base/arena.h"
#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/replace.h"
#include "base/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "test.h"

static int
scratch(void)
{
	char path[] = "/tmp/brun-test-XXXXXX";

	return mkdtemp(path) ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
}

/* Removes a scratch directory by the name that its descriptor has. */
static void
scratch_done(int fd)
{
	char link[64], path[256];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, path, sizeof(path) - 1);
	close(fd);
	if (CHECK(length > 0)) {
		path[length] = '\0';
		CHECK(fs_remove_at(AT_FDCWD, path, NULL) == 0);
	}
}

TEST(an_error_says_what_and_why)
{
	struct err err = {0};

	CHECK(err_set(&err, ENOENT, "open '%s'", "x") == -1);
	CHECK_TEXT(err.text, "open 'x': No such file or directory");
	CHECK(err.status == STATUS_STORE && err.number == ENOENT);
	err_wrap(&err, "building %s", "curl");
	err_hint(&err, "try again");
	CHECK_TEXT(err.text, "building curl: open 'x': No such file or directory\ntry again");
}

TEST(an_error_that_is_too_long_is_cut_not_overrun)
{
	struct err err = {0};
	char *text = mem_zalloc(1, 3 * sizeof(err.text));

	memset(text, 'x', 3 * sizeof(err.text) - 1);
	err_fail(&err, STATUS_RECIPE, "%s", text);
	CHECK(strlen(err.text) == sizeof(err.text) - 1);
	err_wrap(&err, "in front");
	CHECK(strncmp(err.text, "in front: xxx", 13) == 0);
	err_hint(&err, "%s", text);
	CHECK(strlen(err.text) < sizeof(err.text) && err.status == STATUS_RECIPE);
	free(text);
}

TEST(a_digest_reads_back_and_refuses_other_text)
{
	struct digest digest = sha256_of("abc", 3), again;
	char hex[DIGEST_HEX];

	/* FIPS 180-4's own example */
	CHECK_TEXT(digest_hex(&digest, hex),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	CHECK(digest_parse(hex, &again) && digest_equal(&digest, &again));
	CHECK(!digest_parse("", &again));
	CHECK(!digest_parse("BA7816", &again));
	hex[63] = 'g';
	CHECK(!digest_parse(hex, &again));
}

TEST(a_buffer_grows_and_stays_terminated)
{
	struct buf buf = {0};

	CHECK_TEXT(buf_text(&buf), "");
	for (int i = 0; i < 1000; i++) {
		buf_printf(&buf, "%d,", i % 10);
	}
	CHECK(buf.length == 2000 && buf.data[2000] == '\0');
	buf_done(&buf);
}

TEST(an_arena_gives_aligned_zeroed_memory)
{
	struct arena arena = {0};

	for (size_t i = 1; i < 3000; i++) {
		unsigned char *memory = arena_alloc(&arena, i, 1);
		CHECK((size_t)memory % _Alignof(max_align_t) == 0 && memory[i - 1] == 0);
		memory[i - 1] = 1;
	}
	CHECK_TEXT(arena_printf(&arena, "%s-%d", "a", 1), "a-1");
	arena_done(&arena);
}

TEST(clean_relative_paths_are_told_from_others)
{
	CHECK(fs_is_clean_relative("a") && fs_is_clean_relative("a/..b/c.") &&
		fs_is_clean_relative("..."));
	CHECK(!fs_is_clean_relative("") && !fs_is_clean_relative("/a") &&
		!fs_is_clean_relative("a/") && !fs_is_clean_relative("a//b") &&
		!fs_is_clean_relative("./a") && !fs_is_clean_relative("a/.."));
}

TEST(hashes_are_those_of_fnv_1a)
{
	CHECK(hash_bytes("", 0) == UINT64_C(0xcbf29ce484222325));
	CHECK(hash_bytes("a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
	CHECK(hash_bytes("foobar", 6) == UINT64_C(0x85944171f73967e8));
}

TEST(a_stop_is_asked_for_where_the_descriptor_is_readable)
{
	int fds[2];

	CHECK(pipe2(fds, O_CLOEXEC) == 0);
	CHECK(!cancel_is_asked(-1) && !cancel_is_asked(fds[0]));
	CHECK(write(fds[1], "x", 1) == 1);
	CHECK(cancel_is_asked(fds[0]));
	close(fds[0]);
	close(fds[1]);
}

TEST(a_replacement_that_fails_leaves_the_old_bytes_and_no_sibling)
{
	int dir = scratch();
	struct buf buf = {0};
	char **names;
	size_t count;

	CHECK(replace_file_synced(dir, "f", NULL, 0600, "one", 3, NULL) == 0);
	CHECK(replace_file_synced(dir, "f", "f.tmp", 0600, "two", 3, NULL) == 0);
	CHECK(mkdirat(dir, "d", 0755) == 0);
	CHECK(replace_file_synced(dir, "d", NULL, 0600, "three", 5, NULL) < 0);
	CHECK(replace_file_synced(dir, "f", "d", 0600, "four", 4, NULL) < 0);
	CHECK(fs_read_at(dir, "f", 100, &buf, NULL) == 0);
	CHECK_TEXT(buf_text(&buf), "two");
	CHECK(fs_list_dir(dir, &names, &count, NULL) == 0 && count == 2);
	free(names);
	buf_done(&buf);
	scratch_done(dir);
}

TEST(replacing_a_file_leaves_no_sibling)
{
	int dir = scratch();
	struct buf buf = {0};
	char **names;
	size_t count;

	CHECK(replace_file(dir, "f", 0644, "one", 3, NULL) == 0);
	CHECK(replace_file(dir, "f", 0644, "two", 3, NULL) == 0);
	CHECK(fs_read_at(dir, "f", 100, &buf, NULL) == 0);
	CHECK_TEXT(buf_text(&buf), "two");
	CHECK(fs_list_dir(dir, &names, &count, NULL) == 0 && count == 1);
	free(names);
	buf_done(&buf);
	scratch_done(dir);
}

TEST(reading_stops_at_the_limit)
{
	int dir = scratch();
	struct buf buf = {0};
	struct err err = {0};

	CHECK(fs_create_at(dir, "f", 0644, "12345", 5, &err) == 0);
	CHECK(fs_read_at(dir, "f", 4, &buf, &err) == -1 && err.number == EFBIG);
	buf_done(&buf);
	scratch_done(dir);
}

static void
fill_for_removal(int dir)
{
	for (int i = 0; i < 200; i++) {
		cleanup_free char *inner = mem_printf("top/%d/inner", i);
		cleanup_free char *file = mem_printf("%s/file", inner);
		CHECK(fs_mkdirs_at(dir, inner, 0755, NULL) == 0);
		CHECK(fs_create_at(dir, file, 0644, "", 0, NULL) == 0);
	}
}

TEST(two_may_remove_the_same_directory_at_once)
{
	int dir = scratch();

	for (int round = 0; round < 20; round++) {
		struct err err = {0};
		int status = -1;
		fill_for_removal(dir);
		pid_t child = fork();
		if (child == 0) {
			_exit(fs_remove_at(dir, "top", NULL) < 0);
		}
		if (!CHECK(fs_remove_at(dir, "top", &err) == 0)) {
			printf("# %s\n", err.text);
		}
		CHECK(waitpid(child, &status, 0) == child && status == 0);
	}
	scratch_done(dir);
}

TEST(removal_copes_with_deep_and_forbidden_directories)
{
	int dir = scratch();
	int at = dup(dir);

	CHECK(mkdirat(dir, "top", 0755) == 0);
	CHECK(symlinkat("/etc", dir, "top/link") == 0);
	for (int depth = 0; depth < 3000 && at >= 0; depth++) {
		const char *name = depth ? "d" : "top";
		mkdirat(at, name, 0755);
		int next = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(at);
		at = next;
	}
	CHECK(at >= 0 && mkdirat(at, "closed", 0755) == 0);
	CHECK(fs_create_at(at, "closed/file", 0644, "", 0, NULL) == 0);
	CHECK(fchmodat(at, "closed", 0, 0) == 0);
	close(at);
	struct err err = {0};
	CHECK(fs_remove_at(dir, "top", &err) == 0);
	CHECK_TEXT(err.text, "");
	CHECK(faccessat(dir, "top", F_OK, AT_SYMLINK_NOFOLLOW) < 0);
	CHECK(access("/etc/passwd", F_OK) == 0);
	scratch_done(dir);
}
