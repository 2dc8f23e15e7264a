/* SPDX-License-Identifier: MIT */
#include "build/plan_cache.h"

#include "house.h"

#include <inttypes.h>
#include <time.h>

#include "test.h"

/* A store with one record, two recipes of which one is not there, and a program. */
struct desk {
	struct house house;
	struct digest key, id;
	char *program, *recipe, *absent, *library;
	struct plan_question question;
	struct buf reads;
	char cache[64]; /* of the one question, below the store */
};

static struct timespec
hours_from_now(int hours)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += hours * 3600;
	return now;
}

static char *
in_scratch(const struct desk *desk, const char *name)
{
	return mem_printf("%s/%s", desk->house.scratch.path, name);
}

static void
put_record(struct desk *desk, const char *key)
{
	struct record record = {.key = sha256_of(key, strlen(key)),
		.output = desk->id,
		.name = (char *)"a",
		.components = (char *)""};

	CHECK(store_put_record(desk->house.store, &record, NULL) == 0);
}

static struct desk
desk_new(void)
{
	struct desk desk = {.house = house_new(), .key = sha256_of("key", 3)};

	desk.id = HOUSE_TREE(desk.house.store, {"x", "1"});
	put_record(&desk, "key");
	scratch_file(desk.house.scratch.fd, "recipes/a.lua", 0644, "return 1");
	scratch_file(desk.house.scratch.fd, "brun", 0755, "\177ELF");
	desk.program = in_scratch(&desk, "brun");
	desk.recipe = in_scratch(&desk, "recipes/a.lua");
	desk.absent = in_scratch(&desk, "recipes/b.lua");
	desk.library = in_scratch(&desk, "library");
	buf_add(&desk.reads, desk.recipe, strlen(desk.recipe) + 1);
	buf_add(&desk.reads, desk.absent, strlen(desk.absent) + 1);
	buf_add(&desk.reads, desk.recipe, strlen(desk.recipe) + 1);
	desk.question = (struct plan_question){desk.program, desk.recipe, desk.library, "default"};
	return desk;
}

static void
desk_done(struct desk *desk)
{
	free(desk->program);
	free(desk->recipe);
	free(desk->absent);
	free(desk->library);
	buf_done(&desk->reads);
	house_done(&desk->house);
}

static bool
finds(const struct desk *desk)
{
	struct digest id;

	return plan_cache_find(desk->house.store, &desk->question, &id) &&
	       digest_equal(&id, &desk->id);
}

static void
put_began(struct desk *desk, const struct timespec *began)
{
	const struct buf none = {0};

	plan_cache_put(desk->house.store, &desk->question, &desk->key, &desk->reads, &none, began);
}

/* As if all files had been there for an hour; and knows the name of what was written. */
static void
put(struct desk *desk)
{
	struct timespec began = hours_from_now(1);
	char **names = NULL;
	size_t count = 0;
	cleanup_fd int plans = fs_open_dir(store_fd(desk->house.store), "plans", NULL);

	put_began(desk, &began);
	if (CHECK(fs_list_dir(plans, &names, &count, NULL) == 0 && count == 1)) {
		snprintf(desk->cache, sizeof(desk->cache), "plans/%s", names[0]);
	}
	free(names);
}

static struct desk
desk_that_knows(void)
{
	struct desk desk = desk_new();

	put(&desk);
	CHECK(finds(&desk));
	return desk;
}

static void
set_mtime(const char *path, struct timespec mtime)
{
	CHECK(utimensat(AT_FDCWD, path, (struct timespec[]){{0, UTIME_OMIT}, mtime}, 0) == 0);
}

static struct stat
stat_of(const char *path)
{
	struct stat st = {0};

	CHECK(stat(path, &st) == 0);
	return st;
}

static void
rewrite(const char *path, const char *text)
{
	CHECK(replace_file(AT_FDCWD, path, 0644, text, strlen(text), NULL) == 0);
}

TEST(what_was_put_is_found_and_nothing_before)
{
	struct desk desk = desk_new();

	CHECK(!finds(&desk));
	put(&desk);
	CHECK(finds(&desk));
	desk_done(&desk);
}

TEST(another_time_of_modification_is_seen)
{
	struct desk desk = desk_that_knows();

	set_mtime(desk.recipe, (struct timespec){1000000000, 0});
	CHECK(!finds(&desk));
	desk_done(&desk);
}

TEST(another_size_is_seen)
{
	struct desk desk = desk_that_knows();
	struct stat before = stat_of(desk.recipe);

	CHECK(truncate(desk.recipe, 3) == 0);
	set_mtime(desk.recipe, before.st_mtim);
	CHECK(!finds(&desk));
	desk_done(&desk);
}

TEST(another_file_of_the_same_size_and_time_is_seen)
{
	struct desk desk = desk_that_knows();
	struct stat before = stat_of(desk.recipe);

	rewrite(desk.recipe, "return 2");
	set_mtime(desk.recipe, before.st_mtim);
	CHECK(!finds(&desk));
	desk_done(&desk);
}

TEST(a_change_that_only_ctime_shows_is_seen)
{
	struct desk desk = desk_that_knows();
	struct stat before = stat_of(desk.recipe), after;

	/* Until the file system's clock has ticked. */
	do {
		set_mtime(desk.recipe, before.st_mtim);
		after = stat_of(desk.recipe);
	} while (after.st_ctim.tv_sec == before.st_ctim.tv_sec &&
		 after.st_ctim.tv_nsec == before.st_ctim.tv_nsec);
	CHECK(!finds(&desk));
	desk_done(&desk);
}

TEST(a_file_that_was_looked_for_and_comes_is_seen)
{
	struct desk desk = desk_that_knows();

	scratch_file(desk.house.scratch.fd, "recipes/b.lua", 0644, "return 2");
	CHECK(!finds(&desk));
	CHECK(unlink(desk.absent) == 0);
	CHECK(finds(&desk));
	CHECK(mkdir(desk.absent, 0755) == 0);
	CHECK(!finds(&desk));
	desk_done(&desk);
}

TEST(a_file_that_goes_is_seen)
{
	struct desk desk = desk_that_knows();

	CHECK(unlink(desk.recipe) == 0);
	CHECK(!finds(&desk));
	desk_done(&desk);
}

TEST(another_brun_asks_anew)
{
	struct desk desk = desk_that_knows();

	rewrite(desk.program, "\177ELF");
	CHECK(!finds(&desk));
	put(&desk);
	CHECK(finds(&desk));
	desk_done(&desk);
}

TEST(another_question_has_no_answer)
{
	struct desk desk = desk_that_knows();
	struct plan_question question = desk.question;

	desk.question.output = "raw";
	CHECK(!finds(&desk));
	desk.question = question;
	desk.question.library = "/elsewhere";
	CHECK(!finds(&desk));
	desk.question = question;
	desk.question.recipe = desk.absent;
	CHECK(!finds(&desk));
	desk.question = question;
	CHECK(finds(&desk));
	desk_done(&desk);
}

/* git's rule: what changes in the same tick of the clock changes without a trace. */
TEST(what_changed_when_the_evaluation_began_is_not_remembered)
{
	struct desk desk = desk_new();
	struct timespec began = hours_from_now(0);

	put_began(&desk, &began);
	CHECK(!finds(&desk));
	began = hours_from_now(-1);
	put_began(&desk, &began);
	CHECK(!finds(&desk));
	desk_done(&desk);
}

TEST(an_old_time_of_modification_does_not_hide_a_change)
{
	struct desk desk = desk_new();
	struct timespec began = hours_from_now(0);
	cleanup_free char *records = in_scratch(&desk, "store/actions");
	cleanup_free char *trees = in_scratch(&desk, "store/trees");
	const char *const paths[] = {desk.program, desk.recipe, records, trees};

	for (size_t i = 0; i < 4; i++) {
		set_mtime(paths[i], (struct timespec){1000000000, 0});
	}
	put_began(&desk, &began);
	CHECK(!finds(&desk));
	desk_done(&desk);
}

TEST(a_time_to_come_is_not_remembered)
{
	struct desk desk = desk_new();
	struct timespec began = hours_from_now(1);

	set_mtime(desk.recipe, hours_from_now(2));
	put_began(&desk, &began);
	CHECK(!finds(&desk));
	desk_done(&desk);
}

/* Whole seconds may be all that a file system keeps, and then a second is one tick. */
TEST(a_file_system_of_whole_seconds_gets_more_time)
{
	struct desk desk = desk_new();
	struct timespec began = hours_from_now(1), mtime = began;

	mtime.tv_sec -= 2;
	mtime.tv_nsec = 0;
	set_mtime(desk.recipe, mtime);
	put_began(&desk, &began);
	CHECK(!finds(&desk));
	mtime.tv_nsec = 1;
	set_mtime(desk.recipe, mtime);
	put_began(&desk, &began);
	CHECK(finds(&desk));
	desk_done(&desk);
}

TEST(without_the_record_there_is_no_answer)
{
	struct desk desk = desk_that_knows();
	char hex[DIGEST_HEX];
	cleanup_free char *name = mem_printf("store/actions/%s.json", digest_hex(&desk.key, hex));
	cleanup_free char *path = in_scratch(&desk, name);
	struct stat before = stat_of(path);

	CHECK(truncate(path, 10) == 0);
	CHECK(before.st_size > 10 && !finds(&desk));
	CHECK(unlink(path) == 0);
	CHECK(!finds(&desk));
	desk_done(&desk);
}

TEST(without_the_tree_there_is_no_answer)
{
	struct desk desk = desk_that_knows();
	cleanup_free char *path = store_tree_path(desk.house.store, &desk.id);
	cleanup_free char *away = in_scratch(&desk, "away");

	CHECK(chmod(path, 0755) == 0 && rename(path, away) == 0);
	CHECK(!finds(&desk));
	desk_done(&desk);
}

TEST(any_record_or_tree_that_comes_or_goes_is_seen)
{
	static const char *const folders[] = {"store/actions", "store/trees"};

	for (size_t i = 0; i < 2; i++) {
		struct desk desk = desk_that_knows();
		cleanup_free char *folder = in_scratch(&desk, folders[i]);
		cleanup_free char *other = mem_printf("%s/other", folder);
		struct stat before = stat_of(folder), after;
		/* Until the file system's clock has ticked. */
		do {
			CHECK(mkdir(other, 0700) == 0 && rmdir(other) == 0);
			after = stat_of(folder);
		} while (after.st_mtim.tv_sec == before.st_mtim.tv_sec &&
			 after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
		CHECK(!finds(&desk));
		put(&desk);
		CHECK(finds(&desk));
		desk_done(&desk);
	}
}

static void
write_cache(const struct desk *desk, const char *data, size_t length)
{
	CHECK(replace_file(store_fd(desk->house.store), desk->cache, 0600, data, length, NULL) ==
		0);
}

TEST(a_damaged_file_is_as_good_as_none)
{
	struct desk desk = desk_that_knows();
	cleanup_buf struct buf text = {0};
	size_t believed = 0;

	CHECK(fs_read_at(store_fd(desk.house.store), desk.cache, 1 << 20, &text, NULL) == 0);
	for (size_t i = 0; i < text.length; i++) {
		text.data[i] ^= 1;
		write_cache(&desk, text.data, text.length);
		believed += finds(&desk);
		text.data[i] ^= 1;
		write_cache(&desk, text.data, i);
		believed += finds(&desk);
	}
	CHECK(believed == 0);
	write_cache(&desk, text.data, text.length);
	CHECK(finds(&desk));
	desk_done(&desk);
}

static void
add_sum(struct buf *text)
{
	uint64_t value = 0xcbf29ce484222325;

	for (size_t i = 0; i < text->length; i++) {
		value = (value ^ (unsigned char)text->data[i]) * 0x100000001b3;
	}
	buf_printf(text, "sum %016" PRIx64 "\n", value);
}

/* The lines that stand behind "output default", with a sum that is right. */
static bool
believes(const struct desk *desk, const char *lines)
{
	cleanup_buf struct buf text = {0};

	buf_printf(&text,
		"brun plan cache 1, brun " BRUN_VERSION
		"\nstore %s\nrecipe %s\nlibrary %s\noutput default\n%s",
		store_path(desk->house.store), desk->recipe, desk->library, lines);
	add_sum(&text);
	write_cache(desk, text.data, text.length);
	return finds(desk);
}

TEST(what_a_hostile_file_says_is_looked_up_all_the_same)
{
	struct desk desk = desk_that_knows();
	char hex[DIGEST_HEX];
	struct digest other = sha256_of("other", 5);
	cleanup_free char *key = mem_printf("key %s\n", digest_hex(&desk.key, hex));
	cleanup_free char *no_record = mem_printf("key %s\n", digest_hex(&other, hex));
	cleanup_free char *no_path = mem_printf("%sabsent\n", key);
	cleanup_free char *no_newline = mem_printf("%sabsent /no/where", key);
	cleanup_free char *blank = mem_printf("%s\n\n", key);
	cleanup_free char *present = mem_printf("%sabsent %s\n", key, desk.recipe);
	cleanup_free char *good = mem_printf("%sabsent %s\n", key, desk.absent);

	CHECK(believes(&desk, good));
	CHECK(!believes(&desk, no_record));
	CHECK(!believes(&desk, no_path));
	CHECK(!believes(&desk, no_newline));
	CHECK(!believes(&desk, blank));
	CHECK(!believes(&desk, present));
	CHECK(!believes(&desk, ""));
	CHECK(!believes(&desk, "key\n"));
	key[10] = '/';
	CHECK(!believes(&desk, key));
	desk_done(&desk);
}

TEST(anything_but_a_file_in_its_place_is_no_answer)
{
	struct desk desk = desk_that_knows();
	int store = store_fd(desk.house.store);

	CHECK(unlinkat(store, desk.cache, 0) == 0 && mkfifoat(store, desk.cache, 0600) == 0);
	CHECK(!finds(&desk));
	CHECK(unlinkat(store, desk.cache, 0) == 0 && mkdirat(store, desk.cache, 0700) == 0);
	CHECK(!finds(&desk));
	desk_done(&desk);
}

TEST(a_path_that_no_line_can_hold_is_not_remembered)
{
	static const char *const paths[] = {"/a\nb", "relative.lua", ""};

	for (size_t i = 0; i < 3; i++) {
		struct desk desk = desk_new();
		struct timespec began = hours_from_now(1);
		buf_add(&desk.reads, paths[i], strlen(paths[i]) + 1);
		put_began(&desk, &began);
		CHECK(!finds(&desk));
		desk_done(&desk);
	}
}
