/* SPDX-License-Identifier: MIT */
/* Paths inside of a root, and what `brun pack` finds and copies by them. */
#include "programs/rooted.h"

#include "programs/data.h"
#include "programs/program.h"
#include "scratch.h"

#include <errno.h>

#include "test.h"

/* A root with a file outside of it, of the same path as one inside. */
struct house {
	struct scratch scratch;
	int root, to;
	struct buf warnings;
	struct err err;
};

static struct house
house_new(void)
{
	struct house house = {.scratch = scratch_new()};

	house.root = scratch_dir(&house.scratch, "root");
	house.to = scratch_dir(&house.scratch, "to");
	scratch_file(house.scratch.fd, "secret", 0644, "outside");
	scratch_file(house.root, "secret", 0644, "inside");
	scratch_file(house.root, "data/one", 0644, "1");
	scratch_file(house.root, "data/sub/two", 0755, "2");
	return house;
}

static void
house_done(struct house *house)
{
	fs_close_slot(&house->root);
	fs_close_slot(&house->to);
	buf_done(&house->warnings);
	scratch_done(&house->scratch);
}

static int
copy(struct house *house, const char *path)
{
	house->err = (struct err){0};
	return data_copy(house->root, path, house->to, &house->warnings, &house->err);
}

/* What a file or link of the copy says. */
static char *
copied(const struct house *house, const char *path)
{
	cleanup_buf struct buf text = {0};
	char target[256];
	ssize_t length = readlinkat(house->to, path, target, sizeof(target));

	if (length >= 0) {
		return mem_strndup(target, (size_t)length);
	}
	return fs_read_at(house->to, path, 256, &text, NULL) < 0 ? mem_strdup("(none)")
								 : buf_take(&text);
}

#define CHECK_COPIED(path, expected)                                                               \
	do {                                                                                       \
		cleanup_free char *text_ = copied(&house, path);                                   \
		CHECK_TEXT(text_, expected);                                                       \
	} while (0)

TEST(a_directory_comes_out_at_its_path)
{
	struct house house = house_new();

	CHECK(copy(&house, "//data/./") == 0 && house.warnings.length == 0);
	CHECK_COPIED("data/one", "1");
	CHECK(scratch_mode(house.to, "data/sub/two") == (S_IFREG | 0755));
	CHECK(copy(&house, "/data/sub") == 0 && copy(&house, "/data") == 0);
	house_done(&house);
}

TEST(a_link_never_leads_out_of_the_root)
{
	struct house house = house_new();

	CHECK(symlinkat("../../../../../../../../secret", house.root, "data/up") == 0);
	CHECK(symlinkat("/secret", house.root, "data/absolute") == 0);
	CHECK(symlinkat("/..", house.root, "top") == 0);
	CHECK(copy(&house, "/data") == 0);
	CHECK_COPIED("data/up", "inside");
	CHECK_COPIED("data/absolute", "inside");
	CHECK(copy(&house, "/top/secret") == 0);
	CHECK_COPIED("top/secret", "inside");
	house_done(&house);
}

TEST(a_link_within_what_is_copied_stays_one)
{
	struct house house = house_new();

	CHECK(symlinkat("/data/one", house.root, "data/sub/up") == 0);
	CHECK(symlinkat("sub", house.root, "data/down") == 0);
	CHECK(symlinkat("/data", house.root, "alias") == 0);
	CHECK(symlinkat("..", house.root, "data/sub/back") == 0);
	CHECK(copy(&house, "/alias") == 0 && house.warnings.length == 0);
	CHECK_COPIED("alias/sub/up", "../one");
	CHECK_COPIED("alias/down", "sub");
	CHECK_COPIED("alias/sub/back", "../../alias");
	CHECK(scratch_mode(house.to, "data") == 0);
	house_done(&house);
}

TEST(a_link_to_nothing_in_the_copy_is_told)
{
	struct house house = house_new();

	CHECK(symlinkat("nowhere", house.root, "data/sub/lost") == 0);
	CHECK(symlinkat("loop", house.root, "data/sub/loop") == 0);
	CHECK(mkdirat(house.root, "other", 0755) == 0);
	CHECK(symlinkat("/other", house.root, "data/sub/far") == 0);
	CHECK(copy(&house, "/data/sub") == 0);
	CHECK_TEXT(buf_text(&house.warnings),
		"/data/sub/far is a link to /other, which is not taken along (--data /other)\n"
		"/data/sub/loop is left out: it is a link that leads nowhere\n"
		"/data/sub/lost is left out: it is a link that leads nowhere\n");
	CHECK_COPIED("data/sub/far", "../../other");
	CHECK_COPIED("data/sub/lost", "(none)");
	house_done(&house);
}

TEST(what_cannot_be_copied_is_named)
{
	struct house house = house_new();

	CHECK(copy(&house, "/nowhere") == -1 && house.err.status == STATUS_USAGE);
	CHECK(copy(&house, "/data/../secret") == -1 && house.err.status == STATUS_USAGE);
	CHECK(copy(&house, "data") == -1 && house.err.status == STATUS_USAGE);
	CHECK(copy(&house, "/") == -1 && house.err.status == STATUS_USAGE);
	CHECK(fchmodat(house.root, "data/one", 02755, 0) == 0);
	CHECK(copy(&house, "/data") == -1 && house.err.status == STATUS_UNPACKABLE);
	CHECK(strstr(house.err.text, "'/data/one' is set-group-id") != NULL);
	house_done(&house);
}

TEST(a_copy_that_would_copy_itself_is_refused)
{
	struct house house = house_new();
	struct err err = {0};

	CHECK(mkdirat(house.root, "data/to", 0755) == 0);
	cleanup_fd int to = fs_open_dir(house.root, "data/to", NULL);
	CHECK(data_copy(house.root, "/data", to, &house.warnings, &err) == -1);
	CHECK(err.status == STATUS_USAGE && strstr(err.text, "inside of '/data'"));
	house_done(&house);
}

TEST(programs_are_found_in_the_root)
{
	struct house house = house_new();

	scratch_file(house.root, "usr/bin/tool-1", 0755, "");
	scratch_file(house.root, "usr/bin/plain", 0644, "");
	CHECK(symlinkat("usr/bin", house.root, "bin") == 0);
	CHECK(symlinkat("/bin/tool-1", house.root, "usr/bin/tool") == 0);
	cleanup_free char *by_name = program_find(house.root, NULL, "tool", NULL);
	cleanup_free char *by_path = program_find(house.root, NULL, "bin/tool", NULL);
	CHECK_TEXT(by_name, "/usr/bin/tool");
	CHECK_TEXT(by_path, "/bin/tool");
	CHECK(!program_find(house.root, NULL, "plain", &house.err));
	CHECK(house.err.status == STATUS_USAGE && strstr(house.err.text, "looked in: /usr/"));
	CHECK(!program_find(house.root, NULL, "/usr/bin", NULL));
	house_done(&house);
}

/* The file that a path leads to, by its contents; or the errno. */
static const char *
leads_to(const struct house *house, const char *path)
{
	static char text[32];
	cleanup_fd int fd = rooted_open(house->root, path);
	cleanup_fd int file = fd < 0 ? -1 : rooted_reopen(fd);
	ssize_t length = fd < 0 ? -1 : read(file, text, sizeof(text) - 1);

	if (length < 0) {
		return strerrorname_np(errno);
	}
	text[length] = '\0';
	return text;
}

TEST(a_path_is_followed_as_the_roots_own_programs_would)
{
	struct house house = house_new();
	char long_name[300];

	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	symlinkat("data/./sub/..", house.root, "dots");
	symlinkat("../../../data/sub/", house.root, "far");
	symlinkat("loop", house.root, "loop");
	symlinkat("/far/../one", house.root, "data/sub/chain");
	CHECK_TEXT(leads_to(&house, "dots/one"), "1");
	CHECK_TEXT(leads_to(&house, "//far//two"), "2");
	CHECK_TEXT(leads_to(&house, "../../data/sub/chain"), "1");
	CHECK_TEXT(leads_to(&house, "data/one/"), "ENOTDIR");
	CHECK_TEXT(leads_to(&house, "data/one/.."), "ENOTDIR");
	CHECK_TEXT(leads_to(&house, "loop"), "ELOOP");
	CHECK_TEXT(leads_to(&house, "nowhere/../data/one"), "ENOENT");
	CHECK_TEXT(leads_to(&house, long_name), "ENAMETOOLONG");
	CHECK_TEXT(leads_to(&house, "/"), "EISDIR");
	house_done(&house);
}

TEST(an_open_file_lies_where_its_links_lead)
{
	struct house house = house_new();

	CHECK(symlinkat("/data/sub", house.root, "alias") == 0);
	cleanup_fd int fd = rooted_open(house.root, "/alias/two");
	cleanup_free char *real = rooted_real(house.root, fd);
	CHECK_TEXT(real, "data/sub/two");
	cleanup_free char *outside = rooted_real(house.root, house.to);
	CHECK(!outside);
	house_done(&house);
}
