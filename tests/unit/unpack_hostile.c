/* SPDX-License-Identifier: MIT */
/* Archives that want out, want more, or are not what they seem. */
#include "unpack_trial.h"

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
	CHECK(mode_of(trial, "a") == (S_IFREG | 0444));
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
	CHECK(unpacked(trial) && mode_of(trial, "su") == (S_IFREG | 0555));
	CHECK(mode_of(trial, "d") == (S_IFDIR | 0555));
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
