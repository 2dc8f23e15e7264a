/* SPDX-License-Identifier: MIT */
#include "store/store_gc.h"

#include "house.h"
#include "store/store_lease.h"
#include "store/store_roots.h"
#include "text/amount.h"

#include <signal.h>
#include <sys/wait.h>

#include "test.h"

static const struct gc_options everything = {.older_than = -1, .cancel_fd = -1};

/* Collects through a store of its own, as another process would. */
static struct gc_result
collect(const struct house *house)
{
	struct gc_result result = {0};
	struct store *store = NULL;
	struct err err = {0};

	if (!CHECK(store_open(store_path(house->store), &store, &err) == 0 &&
		    store_gc(store, &everything, &result, &err) == 0)) {
		printf("# %s\n", err.text);
	}
	store_close(store);
	return result;
}

/* A tree of one file that was put by a run which has ended since. */
static struct digest
put(const struct house *house, const char *text)
{
	struct store *store = NULL;

	CHECK(store_open(store_path(house->store), &store, NULL) == 0);
	struct digest id = HOUSE_TREE(store, {"file", text, NULL, 0});
	store_close(store);
	return id;
}

TEST(a_tree_that_nobody_needs_goes_with_its_manifest)
{
	struct house house = house_new();
	struct digest id = put(&house, "abc");
	char hex[DIGEST_HEX];
	cleanup_free char *manifest = mem_printf("manifests/%s", digest_hex(&id, hex));

	CHECK(collect(&house).removed.trees == 1 && !store_has_tree(house.store, &id));
	CHECK(faccessat(store_fd(house.store), manifest, F_OK, 0) < 0);
	house_done(&house);
}

TEST(what_a_living_run_holds_stays)
{
	struct house house = house_new();
	struct digest id = put(&house, "abc"), other = put(&house, "def");

	CHECK(store_hold_tree(house.store, &id, NULL) == 1);
	struct gc_result result = collect(&house);
	CHECK(result.removed.trees == 1 && result.kept.trees == 1);
	CHECK(store_has_tree(house.store, &id) && !store_has_tree(house.store, &other));
	CHECK(store_hold_tree(house.store, &other, NULL) == 0);
	house_done(&house);
}

TEST(what_a_run_has_put_stays_while_it_lives)
{
	struct house house = house_new();
	struct digest id = HOUSE_TREE(house.store, {"file", "abc", NULL, 0});

	CHECK(collect(&house).kept.trees == 1 && store_has_tree(house.store, &id));
	house_done(&house);
}

TEST(a_killed_run_holds_nothing)
{
	struct house house = house_new();
	struct digest id = put(&house, "abc");
	int ready[2];
	char byte;

	CHECK_OR_RETURN(pipe(ready) == 0);
	pid_t child = fork();
	if (child == 0) {
		struct store *store = NULL;
		bool is_held = store_open(store_path(house.store), &store, NULL) == 0 &&
			       store_hold_tree(store, &id, NULL) == 1;
		(void)!write(ready[1], is_held ? "y" : "n", 1);
		pause();
		_exit(0);
	}
	CHECK(read(ready[0], &byte, 1) == 1 && byte == 'y');
	CHECK(collect(&house).removed.trees == 0);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	CHECK(collect(&house).removed.trees == 1);
	close(ready[0]);
	close(ready[1]);
	house_done(&house);
}

static void
record(const struct house *house, const char *key, const struct digest *output,
	const struct digest *input)
{
	char hex[DIGEST_HEX];
	cleanup_free char *components =
		input ? mem_printf("{\"inputs\":[[\"tree\",\"%s\"]]}", digest_hex(input, hex))
		      : mem_strdup("{}");
	const struct record made = {.key = sha256_of(key, strlen(key)),
		.output = *output,
		.name = (char *)key,
		.components = components};

	CHECK(store_put_record(house->store, &made, NULL) == 0);
}

TEST(a_root_keeps_what_its_tree_was_made_from)
{
	struct house house = house_new();
	struct digest first = put(&house, "first"), second = put(&house, "second"),
		      third = put(&house, "third"), stray = put(&house, "stray");

	record(&house, "makes first", &first, NULL);
	record(&house, "makes second", &second, &first);
	record(&house, "makes third", &third, &second);
	record(&house, "makes stray", &stray, &second);
	CHECK(store_root_add(house.store, "mine", &third, NULL) == 0);
	struct gc_result result = collect(&house);
	CHECK(result.kept.records == 3 && result.removed.records == 1);
	CHECK(store_has_tree(house.store, &first) && store_has_tree(house.store, &second) &&
		store_has_tree(house.store, &third) && !store_has_tree(house.store, &stray));
	CHECK(store_root_remove(house.store, "mine", NULL) == 1);
	CHECK(collect(&house).kept.trees == 0);
	house_done(&house);
}

TEST(a_record_whose_tree_went_goes)
{
	struct house house = house_new();
	struct digest none = sha256_of("none", 4);

	record(&house, "makes nothing", &none, NULL);
	CHECK(collect(&house).removed.records == 1);
	house_done(&house);
}

TEST(what_a_killed_collection_left_in_the_trash_is_deleted)
{
	struct house house = house_new();
	struct digest id = put(&house, "abc");
	char hex[DIGEST_HEX];
	cleanup_free char *tree = mem_printf("trees/%s", digest_hex(&id, hex));
	cleanup_free char *aside = mem_printf("trash/%s", hex);
	int fd = store_fd(house.store);

	CHECK(fchmodat(fd, tree, 0700, 0) == 0 && renameat(fd, tree, fd, aside) == 0);
	struct gc_result result = collect(&house);
	CHECK(faccessat(fd, aside, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && result.bytes > 0);
	house_done(&house);
}

TEST(ages_and_sizes_are_read)
{
	int64_t seconds = 0;
	uint64_t bytes = 0;

	CHECK(amount_parse_age("90s", &seconds, NULL) == 0 && seconds == 90);
	CHECK(amount_parse_age("1.5h", &seconds, NULL) == 0 && seconds == 5400);
	CHECK(amount_parse_age("2w", &seconds, NULL) == 0 && seconds == 14 * 86400);
	CHECK(amount_parse_age("", &seconds, NULL) < 0 &&
		amount_parse_age("-1d", &seconds, NULL) < 0);
	CHECK(amount_parse_size("20G", &bytes, NULL) == 0 && bytes == UINT64_C(20000000000));
	CHECK(amount_parse_size("1.5kB", &bytes, NULL) == 0 && bytes == 1500);
	CHECK(amount_parse_size("123", &bytes, NULL) == 0 && bytes == 123);
	CHECK(amount_parse_size("0", &bytes, NULL) < 0 &&
		amount_parse_size("1.G", &bytes, NULL) < 0);
}
