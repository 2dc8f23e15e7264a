/* SPDX-License-Identifier: MIT */
#include "store/store.h"

#include "house.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "test.h"

/* Puts a tree of one file; its id comes back. */
static int
put_tree(struct store *store, const char *text, struct digest *ret_id, struct err *err)
{
	struct scratch scratch = scratch_new();

	scratch_file(scratch.fd, "dir/file", 0644, text);
	int result = house_put(store, scratch.fd, ret_id, err);
	scratch_done(&scratch);
	return result;
}

TEST(a_store_is_made_private_and_opened_again)
{
	struct house house = house_new();
	struct store *again = NULL;

	CHECK(scratch_mode(house.scratch.fd, "store") == (S_IFDIR | 0700));
	CHECK(store_path(house.store)[0] == '/');
	CHECK(chmod(store_path(house.store), 0755) == 0);
	CHECK(store_open(store_path(house.store), &again, NULL) == 0);
	CHECK(scratch_mode(house.scratch.fd, "store") == (S_IFDIR | 0700));
	store_close(again);
	house_done(&house);
}

/* Opening house.scratch/NAME must fail with that text in the message. */
static void
refuses_open(const struct scratch *scratch, const char *name, const char *what)
{
	cleanup_free char *path = mem_printf("%s/%s", scratch->path, name);
	struct store *store = NULL;
	struct err err = {0};

	CHECK(store_open(path, &store, &err) == -1 && err.status == STATUS_STORE && !store);
	if (!CHECK(strstr(err.text, what) != NULL)) {
		printf("# %s\n", err.text);
	}
}

TEST(what_is_no_store_of_ours_is_refused_with_its_reason)
{
	struct scratch scratch = scratch_new();

	scratch_file(scratch.fd, "file", 0644, "");
	refuses_open(&scratch, "file", "is not a directory");
	scratch_file(scratch.fd, "home/letter", 0644, "");
	CHECK(fchmodat(scratch.fd, "home", 0755, 0) == 0);
	refuses_open(&scratch, "home", "is not a store: it holds 'letter'");
	CHECK(scratch_mode(scratch.fd, "home") == (S_IFDIR | 0755));
	scratch_file(scratch.fd, "new/version", 0644, "brun store 999\n");
	refuses_open(&scratch, "new", "has another layout: 'brun store 999\\n'");
	scratch_done(&scratch);
}

TEST(a_store_of_another_user_is_refused)
{
	struct scratch scratch = scratch_new();

	if (geteuid() != 0) {
		scratch_done(&scratch);
		SKIP("giving a directory away needs root");
	}
	close(scratch_dir(&scratch, "theirs"));
	CHECK(fchownat(scratch.fd, "theirs", 4321, 4321, 0) == 0);
	refuses_open(&scratch, "theirs", "belongs to user 4321");
	scratch_done(&scratch);
}

TEST(a_store_whose_making_was_cut_short_is_finished)
{
	struct scratch scratch = scratch_new();
	cleanup_free char *path = mem_printf("%s/half", scratch.path);
	struct store *store = NULL;

	close(scratch_dir(&scratch, "half/trees"));
	CHECK(store_open(path, &store, NULL) == 0);
	CHECK(scratch_mode(scratch.fd, "half/actions") == (S_IFDIR | 0700));
	store_close(store);
	scratch_done(&scratch);
}

TEST(a_tree_comes_back_as_it_was_put)
{
	struct house house = house_new();
	struct digest id = {0}, other = sha256_of("x", 1);
	struct tree tree = {0};

	CHECK(put_tree(house.store, "abc", &id, NULL) == 0 && store_has_tree(house.store, &id));
	CHECK(!store_has_tree(house.store, &other));
	CHECK(store_get_tree(house.store, &other, &tree, NULL) == 0);
	CHECK_OR_RETURN(store_get_tree(house.store, &id, &tree, NULL) == 1);
	CHECK(tree.count == 2 && digest_equal(&tree.id, &id));
	cleanup_free char *path = store_tree_path(house.store, &id);
	cleanup_fd int dir = fs_open_dir(AT_FDCWD, path, NULL);
	CHECK(tree_verify(&tree, dir, NULL) == 0 && scratch_mode(dir, ".") == (S_IFDIR | 0555));
	tree_done(&tree);
	house_done(&house);
}

TEST(a_tree_that_is_there_is_left_as_it_is)
{
	struct house house = house_new();
	struct digest id = {0}, again = {0};
	struct stat before, after;

	CHECK(put_tree(house.store, "abc", &id, NULL) == 0);
	cleanup_free char *path = store_tree_path(house.store, &id);
	CHECK(stat(path, &before) == 0);
	CHECK(put_tree(house.store, "abc", &again, NULL) == 0 && digest_equal(&id, &again));
	CHECK(stat(path, &after) == 0 && before.st_ino == after.st_ino);
	house_done(&house);
}

TEST(a_damaged_manifest_is_an_error_whose_advice_works)
{
	struct house house = house_new();
	struct digest id = {0};
	struct tree tree = {0};
	struct err err = {0};
	char hex[DIGEST_HEX];

	CHECK(put_tree(house.store, "abc", &id, NULL) == 0);
	cleanup_free char *name = mem_printf("manifests/%s", digest_hex(&id, hex));
	CHECK(replace_file(store_fd(house.store), name, 0444, "dx", 3, NULL) == 0);
	CHECK(store_get_tree(house.store, &id, &tree, &err) == -1);
	const char *advice = strstr(err.text, "mv '");
	CHECK(strstr(err.text, "is damaged") && advice && system(advice) == 0);
	CHECK(!store_has_tree(house.store, &id));
	CHECK(put_tree(house.store, "abc", &id, NULL) == 0);
	CHECK(store_get_tree(house.store, &id, &tree, NULL) == 1);
	tree_done(&tree);
	house_done(&house);
}

static struct record
record_of(const struct digest *key, const struct digest *output)
{
	return (struct record){.key = *key,
		.output = *output,
		.name = (char *)"curl-8.8.0",
		.components = (char *)"{\"kind\": \"run\"}",
		.wall_ms = 12,
		.peak_memory = UINT64_C(1) << 40,
		.written_bytes = 77,
		.finished = 1700000000};
}

TEST(a_record_comes_back_and_only_with_its_tree)
{
	struct house house = house_new();
	struct digest id = {0}, key = sha256_of("k", 1);
	struct record got = {0};

	CHECK(put_tree(house.store, "abc", &id, NULL) == 0);
	struct record record = record_of(&key, &id);
	CHECK(store_get_record(house.store, &key, &got, NULL) == 0);
	char hex[DIGEST_HEX];
	cleanup_free char *torn = mem_printf("actions/%s.json.tmp", digest_hex(&key, hex));
	CHECK(fs_create_at(store_fd(house.store), torn, 0600, "{", 1, NULL) == 0);
	CHECK(store_put_record(house.store, &record, NULL) == 0);
	CHECK(faccessat(store_fd(house.store), torn, F_OK, 0) < 0);
	CHECK_OR_RETURN(store_get_record(house.store, &key, &got, NULL) == 1);
	CHECK(digest_equal(&got.output, &id) && got.peak_memory == UINT64_C(1) << 40 &&
		got.written_bytes == 77 && got.finished == 1700000000);
	CHECK_TEXT(got.name, "curl-8.8.0");
	CHECK_TEXT(got.components, "{\"kind\": \"run\"}");
	record_done(&got);
	cleanup_free char *path = store_tree_path(house.store, &id);
	CHECK(fs_remove_at(AT_FDCWD, path, NULL) == 0);
	CHECK(store_get_record(house.store, &key, &got, NULL) == 0);
	house_done(&house);
}

TEST(a_damaged_record_counts_as_missing)
{
	struct house house = house_new();
	struct digest id = {0}, key = sha256_of("k", 1), other = sha256_of("l", 1);
	struct record got = {0};
	char hex[DIGEST_HEX], other_hex[DIGEST_HEX];

	CHECK(put_tree(house.store, "abc", &id, NULL) == 0);
	struct record record = record_of(&key, &id);
	CHECK(store_put_record(house.store, &record, NULL) == 0);
	cleanup_free char *name = mem_printf("actions/%s.json", digest_hex(&key, hex));
	cleanup_free char *copy = mem_printf("actions/%s.json", digest_hex(&other, other_hex));
	CHECK(linkat(store_fd(house.store), name, store_fd(house.store), copy, 0) == 0);
	CHECK(store_get_record(house.store, &other, &got, NULL) == 0);
	static const char *const bad[] = {"", "{", "[]", "{\"version\": 1}", "null", "\xff\xfe"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(replace_file(store_fd(house.store), name, 0600, bad[i], strlen(bad[i]),
			      NULL) == 0);
		CHECK(store_get_record(house.store, &key, &got, NULL) == 0);
	}
	house_done(&house);
}

TEST(a_blob_is_kept_read_only)
{
	struct house house = house_new();
	struct digest sha256 = sha256_of("abc", 3);
	struct store_tmp tmp;

	CHECK(!store_has_blob(house.store, &sha256));
	CHECK_OR_RETURN(store_tmp_new(house.store, &tmp, NULL) == 0);
	scratch_file(tmp.fd, "download", 0600, "abc");
	CHECK(store_put_blob(house.store, &tmp, "download", &sha256, NULL) == 0);
	CHECK(store_has_blob(house.store, &sha256));
	cleanup_free char *path = store_blob_path(house.store, &sha256);
	CHECK(scratch_mode(AT_FDCWD, path) == (S_IFREG | 0444));
	store_tmp_free(house.store, &tmp);
	house_done(&house);
}

TEST(a_log_is_opened_empty_each_time)
{
	struct house house = house_new();
	struct digest key = sha256_of("k", 1);
	struct buf text = {0};
	int fd = -1;

	CHECK(store_create_log(house.store, &key, &fd, NULL) == 0 && write(fd, "old", 3) == 3);
	close(fd);
	CHECK(store_create_log(house.store, &key, &fd, NULL) == 0 && write(fd, "n", 1) == 1);
	close(fd);
	cleanup_free char *path = store_log_path(house.store, &key);
	CHECK(fs_read_at(AT_FDCWD, path, 100, &text, NULL) == 0);
	CHECK_TEXT(buf_text(&text), "n");
	buf_done(&text);
	house_done(&house);
}

static size_t
count_names(int dirfd, const char *folder)
{
	cleanup_fd int dir = fs_open_dir(dirfd, folder, NULL);
	cleanup_free char **names = NULL;
	size_t count = 999;

	fs_list_dir(dir, &names, &count, NULL);
	return count;
}

TEST(cleaning_removes_what_the_dead_left_and_nothing_of_the_living)
{
	struct house house = house_new();
	struct store_tmp mine;
	int ready[2], status;

	CHECK_OR_RETURN(store_tmp_new(house.store, &mine, NULL) == 0 && pipe(ready) == 0);
	pid_t child = fork();
	if (child == 0) {
		struct store_tmp theirs;
		int lock;
		struct digest key = sha256_of("k", 1);
		store_tmp_new(house.store, &theirs, NULL);
		scratch_file(theirs.fd, "deep/er/file", 0, "");
		fchmodat(theirs.fd, "deep", 0, 0);
		store_lock(house.store, &key, -1, NULL, NULL, &lock, NULL);
		(void)!write(ready[1], "x", 1);
		pause();
		_exit(0);
	}
	char byte;
	CHECK(read(ready[0], &byte, 1) == 1);
	CHECK(store_clean(house.store, NULL) == 0);
	CHECK(count_names(store_fd(house.store), "tmp") == 4);
	CHECK(count_names(store_fd(house.store), "locks") == 1);
	CHECK(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child);
	CHECK(store_clean(house.store, NULL) == 0);
	CHECK(count_names(store_fd(house.store), "tmp") == 2);
	CHECK(count_names(store_fd(house.store), "locks") == 0);
	CHECK(access(mine.path, F_OK) == 0);
	store_tmp_free(house.store, &mine);
	CHECK(count_names(store_fd(house.store), "tmp") == 0);
	close(ready[0]);
	close(ready[1]);
	house_done(&house);
}

/* Fills the directory for as long as it is there, but not for ever. */
static void __attribute__((noreturn)) fill_until_gone(int dir, int begun)
{
	for (int i = 0; i < 5000; i++) {
		cleanup_free char *name = mem_printf("%d", i);
		if (fs_create_at(dir, name, 0600, "", 0, NULL) < 0) {
			break;
		}
		(void)!write(begun, "x", i == 500);
	}
	_exit(0);
}

TEST(a_process_that_a_killed_run_left_does_not_fail_the_clean_up)
{
	struct house house = house_new();
	int begun[2], status;
	char byte;

	CHECK(pipe(begun) == 0);
	cleanup_fd int dir = scratch_dir(&house.scratch, "store/tmp/1-dead/inner");
	pid_t child = fork();
	if (child == 0) {
		fill_until_gone(dir, begun[1]);
	}
	CHECK(read(begun[0], &byte, 1) == 1);
	CHECK(store_clean(house.store, NULL) == 0);
	CHECK(count_names(store_fd(house.store), "tmp") == 0);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	close(begun[0]);
	close(begun[1]);
	house_done(&house);
}

struct told {
	int count, pid;
	int cancel; /* write end: cancels as soon as told */
	pid_t kill; /* or: this process is killed */
	int unlock; /* or: this lock is given back */
	struct store *store;
};

static void
tell(void *context, int pid)
{
	struct told *told = context;

	told->count++;
	told->pid = pid;
	if (told->cancel >= 0) {
		(void)!write(told->cancel, "x", 1);
	}
	if (told->kill) {
		kill(told->kill, SIGKILL);
	}
	if (told->unlock >= 0) {
		store_unlock(told->store, told->unlock);
	}
}

TEST(a_lock_is_waited_for_and_the_owner_named)
{
	struct house house = house_new();
	struct digest key = sha256_of("k", 1), other = sha256_of("l", 1);
	int first = -1, second = -1, third = -1;

	CHECK(store_lock(house.store, &key, -1, tell, NULL, &first, NULL) == 0);
	CHECK(store_lock(house.store, &other, -1, tell, NULL, &third, NULL) == 0);
	struct told told = {.cancel = -1, .unlock = first, .store = house.store};
	CHECK(store_lock(house.store, &key, -1, tell, &told, &second, NULL) == 0);
	CHECK(told.count == 1 && told.pid == getpid() && store_is_locked(house.store, &key));
	store_unlock(house.store, second);
	store_unlock(house.store, third);
	CHECK(count_names(store_fd(house.store), "locks") == 0);
	house_done(&house);
}

TEST(waiting_for_a_lock_can_be_cancelled)
{
	struct house house = house_new();
	struct digest key = sha256_of("k", 1);
	struct err err = {0};
	int lock = -1, second = -1, cancel[2];

	CHECK(pipe(cancel) == 0);
	CHECK(store_lock(house.store, &key, cancel[0], tell, NULL, &lock, NULL) == 0);
	struct told told = {.cancel = cancel[1], .unlock = -1};
	CHECK(store_lock(house.store, &key, cancel[0], tell, &told, &second, &err) == -1);
	CHECK(err.status == STATUS_INTERRUPTED && told.count == 1);
	store_unlock(house.store, lock);
	close(cancel[0]);
	close(cancel[1]);
	house_done(&house);
}

TEST(a_killed_owner_frees_the_lock)
{
	struct house house = house_new();
	struct digest key = sha256_of("k", 1);
	int ready[2], status, lock = -1;

	CHECK_OR_RETURN(pipe(ready) == 0);
	pid_t child = fork();
	if (child == 0) {
		store_lock(house.store, &key, -1, NULL, NULL, &lock, NULL);
		(void)!write(ready[1], "x", 1);
		pause();
		_exit(0);
	}
	char byte;
	CHECK(read(ready[0], &byte, 1) == 1);
	struct told told = {.cancel = -1, .unlock = -1, .kill = child};
	CHECK(store_lock(house.store, &key, -1, tell, &told, &lock, NULL) == 0);
	CHECK(told.pid == child && waitpid(child, &status, 0) == child);
	store_unlock(house.store, lock);
	close(ready[0]);
	close(ready[1]);
	house_done(&house);
}

TEST(an_unlocked_lock_is_free_even_where_a_fork_holds_its_descriptor)
{
	struct house house = house_new();
	struct digest key = sha256_of("k", 1);
	int lock = -1, second = -1, status;

	CHECK(store_lock(house.store, &key, -1, NULL, NULL, &lock, NULL) == 0);
	pid_t child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	store_unlock(house.store, lock);
	struct told told = {.cancel = -1, .unlock = -1};
	CHECK(store_lock(house.store, &key, -1, tell, &told, &second, NULL) == 0);
	CHECK(told.count == 0);
	store_unlock(house.store, second);
	CHECK(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child);
	house_done(&house);
}

struct contest {
	struct store *store;
	const struct digest *key;
	int inside, most, rounds;
};

static void *
contend(void *context)
{
	struct contest *contest = context;

	for (int i = 0; i < 50; i++) {
		int lock = -1;
		if (store_lock(contest->store, contest->key, -1, NULL, NULL, &lock, NULL) < 0) {
			break;
		}
		int inside = __atomic_add_fetch(&contest->inside, 1, __ATOMIC_SEQ_CST);
		contest->most = inside > contest->most ? inside : contest->most;
		contest->rounds++;
		__atomic_sub_fetch(&contest->inside, 1, __ATOMIC_SEQ_CST);
		store_unlock(contest->store, lock);
	}
	return NULL;
}

TEST(a_lock_has_one_owner_at_a_time)
{
	struct house house = house_new();
	struct digest key = sha256_of("k", 1);
	struct contest contest = {.store = house.store, .key = &key};
	pthread_t threads[2];

	for (int i = 0; i < 2; i++) {
		CHECK(pthread_create(&threads[i], NULL, contend, &contest) == 0);
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
	}
	CHECK(contest.most == 1 && contest.rounds == 100);
	house_done(&house);
}

TEST(processes_that_put_the_same_tree_all_succeed)
{
	struct house house = house_new();
	struct digest id = {0};
	struct tree tree = {0};
	pid_t children[4];

	for (int i = 0; i < 4; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			struct err err = {0};
			int result = put_tree(house.store, "same", &id, &err);
			if (result < 0) {
				printf("# %s\n", err.text);
			}
			_exit(result < 0);
		}
	}
	for (int i = 0; i < 4; i++) {
		int status = -1;
		CHECK(waitpid(children[i], &status, 0) == children[i] && status == 0);
	}
	CHECK(put_tree(house.store, "same", &id, NULL) == 0);
	CHECK_OR_RETURN(store_get_tree(house.store, &id, &tree, NULL) == 1);
	cleanup_free char *path = store_tree_path(house.store, &id);
	cleanup_fd int dir = fs_open_dir(AT_FDCWD, path, NULL);
	CHECK(tree_verify(&tree, dir, NULL) == 0);
	CHECK(count_names(store_fd(house.store), "tmp") == 0);
	tree_done(&tree);
	house_done(&house);
}

static void
fill_small_disk(const char *path)
{
	struct store *store = NULL;
	struct digest id;
	struct err err = {0};
	cleanup_free char *text = mem_alloc(6 << 20);

	memset(text, 'x', (6 << 20) - 1);
	text[(6 << 20) - 1] = '\0';
	CHECK_OR_RETURN(store_open(path, &store, &err) == 0);
	CHECK(put_tree(store, text, &id, &err) == -1 && err.status == STATUS_STORE);
	if (!CHECK(strstr(err.text, "No space left on device") && strstr(err.text, "MiB and") &&
		    strstr(err.text, path))) {
		printf("# %s\n", err.text);
	}
	CHECK(count_names(store_fd(store), "trees") == 0);
	CHECK(count_names(store_fd(store), "tmp") == 0);
	CHECK(put_tree(store, "small", &id, &err) == 0 && store_has_tree(store, &id));
	store_close(store);
}

TEST(a_full_disk_says_how_much_is_free_and_leaves_a_store_that_works)
{
	struct scratch scratch = scratch_new();

	if (mount("tmpfs", scratch.path, "tmpfs", 0, "size=5m,mode=0700") < 0) {
		scratch_done(&scratch);
		SKIP("mounting a small tmpfs needs root");
	}
	cleanup_free char *path = mem_printf("%s/store", scratch.path);
	fill_small_disk(path);
	CHECK(umount2(scratch.path, MNT_DETACH) == 0);
	scratch_done(&scratch);
}

/* The source lies in the house: a killed child removes nothing. */
static void __attribute__((noreturn))
put_without_end(const struct house *house, int round, int begun)
{
	cleanup_fd int from = scratch_dir(&house->scratch, "from");

	for (int i = 0;; i++) {
		struct digest id, key = sha256_of(&i, sizeof(i));
		char text[32];
		int length = snprintf(text, sizeof(text), "%d-%d", round, i);
		replace_file(from, "file", 0644, text, (size_t)length, NULL);
		(void)!write(begun, "x", 1);
		house_put(house->store, from, &id, NULL);
		struct record record = record_of(&key, &id);
		store_put_record(house->store, &record, NULL);
	}
}

TEST(a_run_killed_at_any_moment_leaves_a_store_that_works)
{
	struct house house = house_new();

	for (int round = 0; round < 25; round++) {
		int status, begun[2];
		char byte;
		CHECK_OR_RETURN(pipe(begun) == 0);
		pid_t child = fork();
		if (child == 0) {
			put_without_end(&house, round, begun[1]);
		}
		/* Each round is killed a few trees later: the moments differ by themselves. */
		for (int i = 0; i <= round % 5; i++) {
			CHECK(read(begun[0], &byte, 1) == 1);
		}
		CHECK(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child);
		close(begun[0]);
		close(begun[1]);
	}
	CHECK(store_clean(house.store, NULL) == 0);
	CHECK(count_names(store_fd(house.store), "tmp") == 0);
	cleanup_fd int trees = fs_open_dir(store_fd(house.store), "trees", NULL);
	cleanup_free char **names = NULL;
	size_t count = 0;
	CHECK(fs_list_dir(trees, &names, &count, NULL) == 0);
	for (size_t i = 0; i < count; i++) {
		struct digest id;
		struct tree tree = {0};
		cleanup_fd int dir = fs_open_dir(trees, names[i], NULL);
		CHECK(digest_parse(names[i], &id));
		CHECK(store_get_tree(house.store, &id, &tree, NULL) == 1);
		CHECK(tree_verify(&tree, dir, NULL) == 0);
		tree_done(&tree);
	}
	house_done(&house);
}
