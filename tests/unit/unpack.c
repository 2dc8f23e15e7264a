/* SPDX-License-Identifier: MIT */
#include "unpack_trial.h"

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
	CHECK(mode_of(trial, "d/run") == (S_IFREG | 0555) && S_ISLNK(mode_of(trial, "link")));
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
		CHECK(mode_of(trial, "d/fix.patch") == (S_IFREG | 0444));
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
