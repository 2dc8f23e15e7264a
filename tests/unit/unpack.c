/* SPDX-License-Identifier: MIT */
/* Archives of every kind, hostile ones among them, unpacked in this process. */
#include "unpack.h"

#include "archive_maker.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "test.h"

/* One unpacking: an archive, the scratch directory that it goes to, what came of it. */
struct trial {
	struct buf archive;
	struct unpack_options options;
	char base[64]; /* holds "to", and what must not be touched beside it */
	int to, result;
	struct err err;
};

static struct trial *
trial_new(void)
{
	struct trial *trial = mem_zalloc(1, sizeof(*trial));

	unpack_prepare();
	umask(0);
	/* In memory where there is such a place: some disks take a minute for 10^5 files. */
	strcpy(trial->base, access("/dev/shm", W_OK) == 0 ? "/dev/shm/brun-test-XXXXXX"
							  : "/tmp/brun-test-XXXXXX");
	trial->options = (struct unpack_options){.bytes = 1 << 20, .entries = 1000};
	if (!mkdtemp(trial->base)) {
		abort();
	}
	cleanup_fd int base = fs_open_dir(AT_FDCWD, trial->base, NULL);
	mkdirat(base, "to", 0755);
	fs_create_at(base, "outside", 0644, "untouched", 9, NULL);
	trial->to = fs_open_dir(base, "to", NULL);
	return trial;
}

static int
trial_run(struct trial *trial)
{
	trial->err = (struct err){0};
	trial->result = unpack_memory(trial->archive.data, trial->archive.length, trial->to,
		&trial->options, &trial->err);
	return trial->result;
}

static void
trial_free(struct trial *trial)
{
	cleanup_fd int base = fs_open_dir(AT_FDCWD, trial->base, NULL);
	cleanup_buf struct buf outside = {0};

	CHECK(fs_read_at(base, "outside", 100, &outside, NULL) == 0);
	CHECK_TEXT(buf_text(&outside), "untouched");
	close(trial->to);
	CHECK(fs_remove_at(AT_FDCWD, trial->base, NULL) == 0);
	buf_done(&trial->archive);
	free(trial);
}

static void
trial_slot(struct trial **trial)
{
	trial_free(*trial);
}

#define TRIAL(name) __attribute__((cleanup(trial_slot))) struct trial *name = trial_new()

static bool
holds(struct trial *trial, const char *path, const char *text)
{
	cleanup_buf struct buf buf = {0};

	return fs_read_at(trial->to, path, 1 << 20, &buf, NULL) == 0 &&
	       strcmp(buf_text(&buf), text) == 0;
}

static mode_t
mode_of(struct trial *trial, const char *path)
{
	struct stat st;

	return fstatat(trial->to, path, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode : 0;
}

/* The archive so far is refused, with a message that has `text` in it. */
static bool
refused(struct trial *trial, enum status status, const char *text)
{
	tar_end(&trial->archive);
	trial_run(trial);
	bool is_so =
		trial->result == -1 && trial->err.status == status && strstr(trial->err.text, text);
	if (!is_so) {
		printf("# result %d, status %d: %s\n", trial->result, trial->err.status,
			trial->err.text);
	}
	return is_so;
}

static bool
unpacked(struct trial *trial)
{
	tar_end(&trial->archive);
	if (trial_run(trial) < 0) {
		printf("# status %d: %s\n", trial->err.status, trial->err.text);
	}
	return trial->result == 0;
}

static void
add_tree(struct buf *tar)
{
	tar_add(tar, '5', "./top/", "", 0755, "", 0);
	tar_file(tar, "./top/a", "one");
	tar_add(tar, '0', "top/b/run", "", 0755, "#!", 2);
	tar_add(tar, '2', "top/link", "/etc/absolute", 0777, "", 0);
	tar_add(tar, '1', "top/again", "top/a", 0644, "", 0);
	tar_file(tar, "top/empty", "");
}

static bool
holds_tree(struct trial *trial)
{
	struct stat a, again;
	char target[64] = "";

	return holds(trial, "top/a", "one") && holds(trial, "top/b/run", "#!") &&
	       holds(trial, "top/empty", "") && mode_of(trial, "top/a") == (S_IFREG | 0644) &&
	       mode_of(trial, "top/b/run") == (S_IFREG | 0755) &&
	       readlinkat(trial->to, "top/link", target, sizeof(target) - 1) > 0 &&
	       strcmp(target, "/etc/absolute") == 0 && fstatat(trial->to, "top/a", &a, 0) == 0 &&
	       fstatat(trial->to, "top/again", &again, 0) == 0 && a.st_ino == again.st_ino;
}

TEST(a_tar_becomes_its_tree)
{
	TRIAL(trial);

	add_tree(&trial->archive);
	CHECK(unpacked(trial) && holds_tree(trial));
}

TEST(every_compression_is_understood)
{
	static const char *const filters[] = {
		"gzip", "bzip2", "xz", "lzma", "lzip", "zstd", "compress"};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		TRIAL(trial);
		cleanup_buf struct buf tar = {0};
		add_tree(&tar);
		tar_end(&tar);
		compressed(filters[i], tar.data, tar.length, &trial->archive);
		CHECK(trial_run(trial) == 0 && holds_tree(trial));
		CHECK_TEXT(trial->err.text, "");
	}
}

TEST(a_compressed_archive_cut_anywhere_is_an_error)
{
	static const char *const filters[] = {"gzip", "bzip2", "xz", "lzip", "zstd"};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		cleanup_buf struct buf tar = {0}, whole = {0};
		add_tree(&tar);
		tar_end(&tar);
		compressed(filters[i], tar.data, tar.length, &whole);
		for (size_t length = 0; length < whole.length; length += 7) {
			TRIAL(trial);
			buf_add(&trial->archive, whole.data, length);
			CHECK(trial_run(trial) == -1 && trial->err.status == STATUS_SOURCE);
			if (trial->result == 0) {
				printf("# %s cut to %zu of %zu\n", filters[i], length,
					whole.length);
			}
		}
	}
}

TEST(a_plain_tar_cut_anywhere_is_an_error)
{
	cleanup_buf struct buf tar = {0};

	add_tree(&tar);
	for (size_t length = 0; length <= tar.length; length += 256) {
		TRIAL(trial);
		buf_add(&trial->archive, tar.data, length);
		CHECK(trial_run(trial) == -1 && trial->err.status == STATUS_SOURCE);
	}
}

TEST(leading_components_are_dropped_in_links_too)
{
	TRIAL(trial);

	trial->options.strip = 1;
	add_tree(&trial->archive);
	CHECK(unpacked(trial) && holds(trial, "a", "one") && holds(trial, "again", "one"));
	CHECK(mode_of(trial, "top") == 0);
}

TEST(dropping_everything_is_an_error)
{
	TRIAL(trial);

	trial->options.strip = 3;
	tar_file(&trial->archive, "top/a", "one");
	CHECK(refused(trial, STATUS_SOURCE, "strip = 3"));
}

TEST(a_hard_link_to_what_was_dropped_is_refused)
{
	TRIAL(trial);

	trial->options.strip = 1;
	tar_file(&trial->archive, "a", "one");
	tar_add(&trial->archive, '1', "top/b", "a", 0644, "", 0);
	CHECK(refused(trial, STATUS_SOURCE, "'b'"));
}

TEST(members_outside_are_refused_by_name)
{
	static const struct {
		const char *name, *why;
	} cases[] = {{"/outside", "'/outside' is absolute"}, {"../outside", "'../outside' climbs"},
		{"a/../../outside", "climbs"}, {"a/..", "climbs"}, {"..", "climbs"},
		{"./../outside", "climbs"}, {"//outside", "absolute"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		for (const char *type = "05"; *type; type++) {
			TRIAL(trial);
			tar_add(&trial->archive, *type, cases[i].name, "", 0644, "", 0);
			CHECK(refused(trial, STATUS_SOURCE, cases[i].why));
		}
	}
}

TEST(outside_names_in_pax_and_gnu_headers_are_refused)
{
	TRIAL(pax);
	TRIAL(gnu);

	tar_pax(&pax->archive, "path", "../outside");
	tar_file(&pax->archive, "good", "x");
	CHECK(refused(pax, STATUS_SOURCE, "'../outside'"));
	tar_add(&gnu->archive, 'L', "././@LongLink", "", 0644, "../outside", 11);
	tar_file(&gnu->archive, "good", "x");
	CHECK(refused(gnu, STATUS_SOURCE, "'../outside'"));
}

TEST(nothing_is_written_through_a_symlink)
{
	static const char *const targets[] = {"..", "/tmp", ".", "../to"};

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		for (const char *type = "0125"; *type; type++) {
			TRIAL(trial);
			tar_file(&trial->archive, "a", "x");
			tar_add(&trial->archive, '2', "door", targets[i], 0777, "", 0);
			tar_add(&trial->archive, *type, "door/outside", "a", 0644, "", 0);
			CHECK(refused(
				trial, STATUS_SOURCE, "'door/outside' lies behind a symlink"));
		}
	}
}

TEST(a_directory_does_not_open_a_symlink)
{
	TRIAL(trial);

	tar_add(&trial->archive, '2', "door", "..", 0777, "", 0);
	tar_add(&trial->archive, '5', "door/", "", 0755, "", 0);
	tar_file(&trial->archive, "door/outside", "x");
	CHECK(refused(trial, STATUS_SOURCE, "'door' lies behind a symlink"));
}

TEST(a_file_takes_the_place_of_a_symlink_not_of_its_target)
{
	TRIAL(trial);

	tar_add(&trial->archive, '2', "a", "../outside", 0777, "", 0);
	tar_file(&trial->archive, "a", "new");
	CHECK(unpacked(trial) && holds(trial, "a", "new"));
	CHECK(mode_of(trial, "a") == (S_IFREG | 0644));
}

TEST(the_parent_that_was_kept_open_is_not_trusted_after_a_symlink_took_its_name)
{
	TRIAL(trial);

	tar_file(&trial->archive, "d/a", "x");
	tar_add(&trial->archive, '2', "d", "..", 0777, "", 0);
	tar_file(&trial->archive, "d/outside", "x");
	CHECK(refused(trial, STATUS_SOURCE, "'d' has the name of an earlier directory"));
}

TEST(hard_links_to_outside_are_refused)
{
	static const struct {
		const char *target, *why;
	} cases[] = {{"/tmp/x", "is absolute"}, {"../outside", "climbs"},
		{"door/outside", "lies behind a symlink"}, {"nowhere", "no earlier file"},
		{"dir", "no earlier file"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		TRIAL(trial);
		tar_add(&trial->archive, '2', "door", "..", 0777, "", 0);
		tar_add(&trial->archive, '5', "dir", "", 0755, "", 0);
		tar_add(&trial->archive, '1', "a", cases[i].target, 0644, "", 0);
		CHECK(refused(trial, STATUS_SOURCE, cases[i].why));
		CHECK(strstr(trial->err.text, "'a'"));
	}
}

TEST(writing_to_a_hard_linked_name_leaves_the_other_name_alone)
{
	TRIAL(trial);

	tar_file(&trial->archive, "a", "one");
	tar_add(&trial->archive, '1', "b", "a", 0644, "", 0);
	tar_file(&trial->archive, "b", "two");
	CHECK(unpacked(trial) && holds(trial, "a", "one") && holds(trial, "b", "two"));
}

TEST(devices_and_fifos_are_refused)
{
	for (const char *type = "346"; *type; type++) {
		TRIAL(trial);
		tar_add(&trial->archive, *type, "dev/null", "", 0644, "", 0);
		CHECK(refused(trial, STATUS_SOURCE, "'dev/null' is a device"));
	}
}

TEST(set_id_bits_do_not_survive)
{
	TRIAL(trial);

	tar_add(&trial->archive, '0', "su", "", 07755, "x", 1);
	tar_add(&trial->archive, '5', "d", "", 07000, "", 0);
	tar_file(&trial->archive, "d/in-a-closed-directory", "x");
	CHECK(unpacked(trial) && mode_of(trial, "su") == (S_IFREG | 0755));
	CHECK(mode_of(trial, "d") == (S_IFDIR | 0755));
}

TEST(a_directory_and_a_file_of_one_name_are_refused)
{
	TRIAL(dir_first);
	TRIAL(file_first);

	tar_file(&dir_first->archive, "x/y", "1");
	tar_file(&dir_first->archive, "x", "2");
	CHECK(refused(dir_first, STATUS_SOURCE, "earlier directory"));
	tar_file(&file_first->archive, "x", "1");
	tar_file(&file_first->archive, "x/y", "2");
	CHECK(refused(file_first, STATUS_SOURCE, "below what is not a directory"));
}

TEST(the_last_of_several_members_counts)
{
	TRIAL(trial);

	tar_file(&trial->archive, "a", "longer");
	tar_file(&trial->archive, "a", "new");
	CHECK(unpacked(trial) && holds(trial, "a", "new"));
}

TEST(too_many_bytes_are_a_limit)
{
	TRIAL(trial);

	trial->options.bytes = 5;
	tar_file(&trial->archive, "a", "1234");
	tar_file(&trial->archive, "b", "56");
	CHECK(refused(trial, STATUS_LIMIT, "more than 5 bytes (at member 'b')"));
}

TEST(a_bomb_behind_a_compression_is_a_limit)
{
	static const char zeros[4 << 20];
	TRIAL(trial);

	trial->options.single = "zeros";
	compressed("gzip", zeros, sizeof(zeros), &trial->archive);
	CHECK(trial->archive.length < 8192);
	CHECK(trial_run(trial) == -1 && trial->err.status == STATUS_LIMIT);
}

TEST(holes_count_as_bytes)
{
	TRIAL(trial);

	tar_pax(&trial->archive, "GNU.sparse.major", "1");
	tar_pax(&trial->archive, "GNU.sparse.realsize", "1099511627776");
	tar_file(&trial->archive, "a", "");
	CHECK(refused(trial, STATUS_LIMIT, "bytes") || trial->err.status == STATUS_SOURCE);
}

TEST(too_many_entries_are_a_limit_implied_directories_too)
{
	TRIAL(files);
	TRIAL(deep);

	files->options.entries = deep->options.entries = 3;
	for (int i = 0; i < 4; i++) {
		char name[8];
		snprintf(name, sizeof(name), "f%d", i);
		tar_file(&files->archive, name, "");
	}
	CHECK(refused(files, STATUS_LIMIT, "more than 3 entries"));
	tar_file(&deep->archive, "a/b/c/d/e", "");
	CHECK(refused(deep, STATUS_LIMIT, "more than 3 entries"));
}

TEST(names_are_made_fit_for_a_terminal)
{
	TRIAL(trial);

	tar_file(&trial->archive, "/\033[2Jx", "");
	CHECK(refused(trial, STATUS_SOURCE, "'/?[2Jx'"));
}

TEST(long_and_utf8_names_stay_as_they_are)
{
	TRIAL(trial);
	char name[251];

	memset(name, 'n', sizeof(name) - 1);
	name[250] = '\0';
	tar_pax(&trial->archive, "path", name);
	tar_file(&trial->archive, "short", "pax");
	tar_add(&trial->archive, 'L', "././@LongLink", "", 0644, "gnu/\xc3\xa9t\xc3\xa9", 10);
	tar_file(&trial->archive, "short", "gnu");
	tar_file(&trial->archive, "latin-\xe9", "raw");
	CHECK(unpacked(trial) && holds(trial, name, "pax"));
	CHECK(holds(trial, "gnu/\xc3\xa9t\xc3\xa9", "gnu") && holds(trial, "latin-\xe9", "raw"));
}

TEST(a_name_that_no_file_can_have_is_the_archives_fault)
{
	TRIAL(trial);
	char name[301];

	memset(name, 'n', sizeof(name) - 1);
	name[300] = '\0';
	tar_pax(&trial->archive, "path", name);
	tar_file(&trial->archive, "short", "");
	CHECK(refused(trial, STATUS_SOURCE, "nnn"));
}

TEST(a_debian_package_becomes_its_data)
{
	static const char *const filters[] = {NULL, "gzip", "xz", "zstd"};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		TRIAL(trial);
		cleanup_buf struct buf tar = {0}, data = {0};
		add_tree(&tar);
		tar_end(&tar);
		ar_add(&trial->archive, "debian-binary", "2.0\n", 4);
		ar_add(&trial->archive, "control.tar", tar.data, tar.length);
		if (filters[i]) {
			compressed(filters[i], tar.data, tar.length, &data);
		}
		struct buf *member = filters[i] ? &data : &tar;
		ar_add(&trial->archive, "data.tar.any", member->data, member->length);
		CHECK(trial_run(trial) == 0 && holds_tree(trial));
		CHECK_TEXT(trial->err.text, "");
		trial->archive.length -= 700 < member->length ? 700 : 20;
		CHECK(trial_run(trial) == -1 && trial->err.status == STATUS_SOURCE);
	}
}

TEST(an_ar_archive_that_is_no_package_is_refused)
{
	TRIAL(other);
	TRIAL(empty);

	ar_add(&other->archive, "x.o", "x", 1);
	CHECK(trial_run(other) == -1 && strstr(other->err.text, "no Debian package"));
	ar_add(&empty->archive, "debian-binary", "2.0\n", 4);
	CHECK(trial_run(empty) == -1 && strstr(empty->err.text, "without data.tar"));
}

TEST(a_zip_becomes_its_tree)
{
	TRIAL(trial);

	zip_of("d/run", "#!", "link", &trial->archive);
	CHECK(trial_run(trial) == 0 && holds(trial, "d/run", "#!"));
	CHECK(mode_of(trial, "d/run") == (S_IFREG | 0755) && S_ISLNK(mode_of(trial, "link")));
}

TEST(a_hostile_or_cut_zip_is_refused)
{
	TRIAL(trial);
	cleanup_buf struct buf whole = {0};

	zip_of("../outside", "x", NULL, &trial->archive);
	CHECK(trial_run(trial) == -1 && strstr(trial->err.text, "'../outside' climbs"));
	zip_of("a", "contents", "link", &whole);
	for (size_t length = 0; length < whole.length; length += 3) {
		trial->archive.length = 0;
		buf_add(&trial->archive, whole.data, length);
		CHECK(trial_run(trial) == -1 && trial->err.status == STATUS_SOURCE);
	}
}

TEST(a_lone_file_gets_the_name_it_is_given)
{
	static const char *const filters[] = {NULL, "gzip", "xz", "zstd", "bzip2"};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		TRIAL(trial);
		trial->options.single = "d/fix.patch";
		if (filters[i]) {
			compressed(filters[i], "--- a\n", 6, &trial->archive);
		} else {
			buf_puts(&trial->archive, "--- a\n");
		}
		CHECK(trial_run(trial) == 0 && holds(trial, "d/fix.patch", "--- a\n"));
		CHECK(mode_of(trial, "d/fix.patch") == (S_IFREG | 0644));
	}
}

TEST(a_lone_file_may_be_empty)
{
	TRIAL(trial);

	trial->options.single = "nothing";
	CHECK(trial_run(trial) == 0 && holds(trial, "nothing", ""));
}

TEST(what_is_no_archive_is_refused_with_a_hint)
{
	TRIAL(trial);

	buf_puts(&trial->archive, "<html>not found</html>");
	CHECK(trial_run(trial) == -1 && trial->err.status == STATUS_SOURCE);
	CHECK(strstr(trial->err.text, "not an archive") && strstr(trial->err.text, "zip and deb"));
}

TEST(an_empty_tar_is_an_empty_tree)
{
	TRIAL(trial);

	CHECK(unpacked(trial));
}

TEST(a_hundred_thousand_members_are_no_trouble)
{
	TRIAL(trial);

	trial->options.entries = 200000;
	for (int i = 0; i < 100000; i++) {
		char name[32];
		snprintf(name, sizeof(name), "d%d/f%d", i / 1000, i);
		tar_add(&trial->archive, '0', name, "", 0644, "", 0);
	}
	CHECK(unpacked(trial) && holds(trial, "d99/f99999", ""));
}
