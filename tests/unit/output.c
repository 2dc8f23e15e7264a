/* SPDX-License-Identifier: MIT */
#include "store/output.h"

#include "apart.h"
#include "house.h"

#include <errno.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "test.h"

static char *
inside(const struct house *house, const char *name)
{
	return mem_printf("%s/%s", house->scratch.path, name);
}

static bool
is_refused(const char *path, bool is_forced, const char *what)
{
	struct err err = {0};
	bool is_good = output_check(path, is_forced, &err) == -1 && err.status == STATUS_USAGE &&
		       strstr(err.text, what);

	if (!is_good) {
		printf("# '%s': %s\n", path, err.text);
	}
	return is_good;
}

static void
refuses(const struct house *house, const char *name, bool is_forced, const char *what)
{
	cleanup_free char *path = inside(house, name);

	CHECK(is_refused(path, is_forced, what));
}

static int
place(const struct house *house, const char *name, const struct digest *id, bool is_forced,
	bool *ret_is_fresh)
{
	cleanup_free char *path = inside(house, name);
	struct err err = {0};
	int result = output_write(house->store, id, path, is_forced, ret_is_fresh, &err);

	if (result < 0) {
		printf("# %s\n", err.text);
	}
	return result;
}

/* How many names there are beside the output: "store" is one, the output another. */
static size_t
count_beside(const struct house *house)
{
	char **names = NULL;
	size_t count = 0;

	fs_list_dir(house->scratch.fd, &names, &count, NULL);
	free(names);
	return count;
}

TEST(a_new_output_is_made_with_its_stamp_and_nothing_beside_it)
{
	struct house house = house_new();
	struct digest id =
		HOUSE_TREE(house.store, {"bin/x", "1", .mode = 0755}, {"l", .link = "bin/x"});
	bool is_fresh = false;
	struct stat st;
	mode_t before = umask(022);

	CHECK(place(&house, "out", &id, false, &is_fresh) == 0 && is_fresh);
	CHECK(scratch_mode(house.scratch.fd, "out/bin/x") == (S_IFREG | 0755));
	CHECK(scratch_mode(house.scratch.fd, "out") == (S_IFDIR | 0755));
	CHECK(scratch_mode(house.scratch.fd, "out/.brun") == (S_IFREG | 0644));
	CHECK(fstatat(house.scratch.fd, "out/bin/x", &st, 0) == 0 && st.st_nlink == 1);
	CHECK(count_beside(&house) == 2);
	umask(before);
	house_done(&house);
}

TEST(an_output_of_the_same_tree_is_left_alone)
{
	struct house house = house_new();
	struct digest id = HOUSE_TREE(house.store, {"x", "1"});
	struct stat before, after;
	bool is_fresh = true;

	CHECK(place(&house, "out", &id, false, &is_fresh) == 0 && is_fresh);
	CHECK(fstatat(house.scratch.fd, "out", &before, 0) == 0);
	CHECK(place(&house, "out/", &id, false, &is_fresh) == 0 && !is_fresh);
	CHECK(fstatat(house.scratch.fd, "out", &after, 0) == 0 && before.st_ino == after.st_ino);
	house_done(&house);
}

TEST(a_stamp_of_another_user_proves_nothing)
{
	struct house house = house_new();
	struct digest id = HOUSE_TREE(house.store, {"x", "1"});
	bool is_fresh = true;

	CHECK(place(&house, "out", &id, false, &is_fresh) == 0 && is_fresh);
	/* Only root can give a directory away. */
	if (fchownat(house.scratch.fd, "out", 54321, 54321, 0) == 0) {
		CHECK(unlinkat(house.scratch.fd, "out/x", 0) == 0);
		CHECK(place(&house, "out", &id, false, &is_fresh) == 0 && is_fresh);
		CHECK(scratch_mode(house.scratch.fd, "out/x") != 0);
	}
	house_done(&house);
}

TEST(an_output_of_ours_and_an_empty_directory_are_replaced)
{
	struct house house = house_new();
	struct digest one = HOUSE_TREE(house.store, {"x", "1"});
	struct digest two = HOUSE_TREE(house.store, {"y", "2"});
	bool is_fresh = false;

	close(scratch_dir(&house.scratch, "out"));
	CHECK(place(&house, "out", &one, false, &is_fresh) == 0 && is_fresh);
	CHECK(place(&house, "out", &two, false, &is_fresh) == 0 && is_fresh);
	CHECK(scratch_mode(house.scratch.fd, "out/y") != 0);
	CHECK(scratch_mode(house.scratch.fd, "out/x") == 0);
	CHECK(count_beside(&house) == 2);
	house_done(&house);
}

static int
make_file(void *context, int to_fd, struct err *err)
{
	const char *name = context;

	if (mkdirat(to_fd, "closed", 0700) < 0 ||
		fs_create_at(to_fd, name ? name : "half", 0644, "1", 1, err) < 0) {
		return -1;
	}
	return name ? 0 : err_fail(err, STATUS_UNPACKABLE, "a reason");
}

TEST(what_is_made_in_place_is_an_output_like_others)
{
	struct house house = house_new();
	struct digest id = HOUSE_TREE(house.store, {"x", "1"});
	cleanup_free char *path = inside(&house, "out");
	struct err err = {0};
	bool is_fresh = false;
	char name[] = "made";

	CHECK(place(&house, "out", &id, false, &is_fresh) == 0);
	CHECK(output_make(path, false, make_file, NULL, &err) == -1);
	CHECK(err.status == STATUS_UNPACKABLE && strstr(err.text, "a reason"));
	CHECK(scratch_mode(house.scratch.fd, "out/x") != 0);
	CHECK(output_make(path, false, make_file, name, &err) == 0);
	CHECK(scratch_mode(house.scratch.fd, "out/x") == 0);
	CHECK(scratch_mode(house.scratch.fd, "out/made") == (S_IFREG | 0644));
	CHECK(scratch_mode(house.scratch.fd, "out/closed") == (S_IFDIR | 0755));
	CHECK(place(&house, "out", &id, false, &is_fresh) == 0 && is_fresh);
	CHECK(count_beside(&house) == 2);
	house_done(&house);
}

TEST(what_brun_did_not_make_is_refused_without_force)
{
	struct house house = house_new();
	struct digest id = HOUSE_TREE(house.store, {"x", "1"});
	bool is_fresh;

	scratch_file(house.scratch.fd, "docs/letter", 0644, "dear");
	scratch_file(house.scratch.fd, "docs/.brun", 0644, "brun output 1\nnot a hash\n");
	scratch_file(house.scratch.fd, "file", 0644, "");
	CHECK(symlinkat("docs", house.scratch.fd, "link") == 0);
	refuses(&house, "docs", false, "brun did not make it");
	refuses(&house, "docs/", false, "--force");
	refuses(&house, "file", false, "brun did not make it");
	refuses(&house, "link", false, "brun did not make it");
	struct err err = {0};
	cleanup_free char *path = inside(&house, "docs");
	char name[] = "made";
	CHECK(output_write(house.store, &id, path, false, &is_fresh, &err) == -1);
	CHECK(err.status == STATUS_USAGE);
	CHECK(output_make(path, false, make_file, name, &err) == -1 && err.status == STATUS_USAGE);
	CHECK(scratch_mode(house.scratch.fd, "docs/letter") != 0);
	house_done(&house);
}

TEST(force_replaces_a_foreign_directory_but_not_what_a_link_leads_to)
{
	struct house house = house_new();
	struct digest id = HOUSE_TREE(house.store, {"x", "1"});
	bool is_fresh;

	scratch_file(house.scratch.fd, "docs/letter", 0644, "dear");
	scratch_file(house.scratch.fd, "other/letter", 0644, "dear");
	CHECK(symlinkat("other", house.scratch.fd, "link") == 0);
	CHECK(place(&house, "docs", &id, true, &is_fresh) == 0 && is_fresh);
	CHECK(scratch_mode(house.scratch.fd, "docs/letter") == 0);
	CHECK(place(&house, "link", &id, true, &is_fresh) == 0 && is_fresh);
	CHECK(scratch_mode(house.scratch.fd, "other/letter") != 0);
	CHECK(S_ISDIR(scratch_mode(house.scratch.fd, "link")));
	CHECK(count_beside(&house) == 4);
	house_done(&house);
}

TEST(a_place_that_cannot_be_one_is_refused)
{
	struct house house = house_new();

	refuses(&house, "no/where", false, "parent directory");
	refuses(&house, "no/where", true, "mkdir -p");
	refuses(&house, ".", true, "cannot be an output directory");
	refuses(&house, "x/..", true, "cannot be an output directory");
	scratch_file(house.scratch.fd, "file", 0644, "");
	refuses(&house, "file/out", true, "cannot be written to: Not a directory");
	struct err err = {0};
	CHECK(output_check("/", true, &err) == -1 && err.status == STATUS_USAGE);
	CHECK(output_check("", true, &err) == -1 && err.status == STATUS_USAGE);
	house_done(&house);
}

TEST(force_never_replaces_the_store)
{
	struct house house = house_new();
	struct digest id = HOUSE_TREE(house.store, {"x", "1"});
	struct err err = {0};
	bool is_fresh;
	cleanup_free char *beside = inside(&house, "sto");

	CHECK(output_write(house.store, &id, house.scratch.path, true, &is_fresh, &err) == -1);
	CHECK(err.status == STATUS_USAGE && strstr(err.text, "would replace the store"));
	scratch_file(house.scratch.fd, "sto/letter", 0644, "dear");
	CHECK(output_write(house.store, &id, beside, true, &is_fresh, &err) == 0 && is_fresh);
	house_done(&house);
}

/* Does $VARIABLE say of these names what an output may not replace? Not what lies beside them. */
static void
protects(const char *variable, const char *const *names, const char *what)
{
	struct house house = house_new();
	cleanup_free char *before = mem_strdup(getenv(variable) ? getenv(variable) : "");
	cleanup_free char *value = inside(&house, "home/me");
	char name[] = "made";

	scratch_file(house.scratch.fd, "home/me/letter", 0644, "dear");
	scratch_file(house.scratch.fd, "home/m/letter", 0644, "dear");
	setenv(variable, value, 1);
	for (; *names; names++) {
		cleanup_free char *path = inside(&house, *names);
		struct err err = {0};
		refuses(&house, *names, true, what);
		CHECK(output_make(path, true, make_file, name, &err) == -1 &&
			err.status == STATUS_USAGE);
	}
	CHECK(scratch_mode(house.scratch.fd, "home/me/letter") != 0);
	cleanup_free char *beside = inside(&house, "home/m");
	CHECK(output_make(beside, true, make_file, name, NULL) == 0);
	setenv(variable, before, 1);
	house_done(&house);
}

TEST(force_never_replaces_the_home_directory_nor_the_usual_store)
{
	static const char *const names[] = {"home", "home/me", "home/me//", NULL};

	protects("HOME", names, "would replace your home directory");
	protects("BRUN_STORE", names, "would replace the store");
}

static bool
refuses_the_current(void *argument)
{
	static const char what[] = "would replace the current directory";
	const struct house *house = argument;
	cleanup_free char *here = inside(house, "here/below");
	cleanup_free char *above = inside(house, "here");

	scratch_file(house->scratch.fd, "here/below/letter", 0644, "dear");
	scratch_file(house->scratch.fd, "here/be/letter", 0644, "dear");
	if (chdir(here) < 0) {
		return false;
	}
	return is_refused(here, true, what) && is_refused(above, true, what) &&
	       is_refused("../below", true, what) && output_check("../be", true, NULL) == 0;
}

TEST(force_never_replaces_the_current_directory)
{
	struct house house = house_new();

	CHECK(holds_apart(refuses_the_current, &house));
	house_done(&house);
}

TEST(a_mount_point_is_refused)
{
	struct house house = house_new();

	close(scratch_dir(&house.scratch, "volume"));
	cleanup_free char *path = inside(&house, "volume");
	if (mount("tmpfs", path, "tmpfs", 0, "size=1m") < 0) {
		house_done(&house);
		SKIP("mounting needs root");
	}
	refuses(&house, "volume", false, "is a mount point");
	CHECK(umount2(path, MNT_DETACH) == 0);
	house_done(&house);
}

TEST(a_tree_with_a_stamp_of_its_own_is_refused)
{
	struct house house = house_new();
	struct digest id = HOUSE_TREE(house.store, {".brun", "1"});
	struct err err = {0};
	bool is_fresh;
	cleanup_free char *path = inside(&house, "out");

	CHECK(output_write(house.store, &id, path, false, &is_fresh, &err) == -1);
	CHECK(err.status == STATUS_RECIPE && count_beside(&house) == 1);
	house_done(&house);
}

TEST(a_file_that_the_store_lost_is_named_with_what_to_do)
{
	struct house house = house_new();
	struct digest id = HOUSE_TREE(house.store, {"bin/x", "12345"});
	struct err err = {0};
	bool is_fresh;
	cleanup_free char *path = inside(&house, "out");
	cleanup_free char *tree = store_tree_path(house.store, &id);
	cleanup_free char *file = mem_printf("%s/bin/x", tree);
	cleanup_free char *dirname = mem_printf("%s/bin", tree);
	cleanup_free char *advice = mem_printf("mv '%s' '%s.damaged'", tree, tree);

	CHECK(chmod(file, 0644) == 0 && truncate(file, 2) == 0);
	CHECK(output_write(house.store, &id, path, false, &is_fresh, &err) == -1);
	CHECK(strstr(err.text, "'bin/x'") && strstr(err.text, "2 bytes of it instead of 5"));
	CHECK(strstr(err.text, advice) && count_beside(&house) == 1);
	CHECK(chmod(dirname, 0700) == 0 && unlink(file) == 0);
	CHECK(output_write(house.store, &id, path, false, &is_fresh, &err) == -1);
	CHECK(strstr(err.text, "'bin/x'") && strstr(err.text, advice));
	house_done(&house);
}

TEST(what_a_killed_run_left_beside_the_output_is_removed_by_the_next)
{
	struct house house = house_new();
	struct digest id = HOUSE_TREE(house.store, {"x", "1"});
	bool is_fresh;

	scratch_file(house.scratch.fd, ".out.brun-0123456789abcdef/a/b", 0444, "1");
	scratch_file(house.scratch.fd, ".outer.brun-0123456789abcdef/a", 0444, "1");
	CHECK(place(&house, "out", &id, false, &is_fresh) == 0);
	CHECK(scratch_mode(house.scratch.fd, ".out.brun-0123456789abcdef") == 0);
	CHECK(scratch_mode(house.scratch.fd, ".outer.brun-0123456789abcdef") != 0);
	house_done(&house);
}

TEST(an_output_that_is_replaced_is_whole_at_every_moment)
{
	struct house house = house_new();
	struct digest ids[] = {HOUSE_TREE(house.store, {"x", "1"}),
		HOUSE_TREE(house.store, {"x", "1"}, {"y", "2"})};
	bool is_fresh;
	int status, misses = 0, started[2];
	char byte;

	CHECK(place(&house, "out", &ids[1], false, &is_fresh) == 0 && pipe(started) == 0);
	pid_t child = fork();
	if (child == 0) {
		cleanup_free char *path = inside(&house, "out");
		for (int i = 0; i < 40; i++) {
			output_write(house.store, &ids[i % 2], path, false, &is_fresh, NULL);
			(void)!write(started[1], "x", 1);
		}
		_exit(0);
	}
	close(started[1]);
	while (read(started[0], &byte, 1) == 1) {
		for (int i = 0; i < 50; i++) {
			misses += faccessat(house.scratch.fd, "out/.brun", F_OK, 0) < 0;
		}
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0 && misses == 0);
	CHECK(count_beside(&house) == 2);
	close(started[0]);
	house_done(&house);
}

TEST(runs_that_write_the_same_output_at_once_all_succeed)
{
	struct house house = house_new();
	struct digest ids[] = {HOUSE_TREE(house.store, {"x", "1"}),
		HOUSE_TREE(house.store, {"x", "2"}), HOUSE_TREE(house.store, {"x", "3"})};
	pid_t children[3];

	for (size_t i = 0; i < 3; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			bool is_fresh, is_good = true;
			for (size_t round = 0; round < 10 && is_good; round++) {
				is_good = place(&house, "out", &ids[(i + round) % 3], false,
						  &is_fresh) == 0;
			}
			_exit(!is_good);
		}
	}
	for (size_t i = 0; i < 3; i++) {
		int status = -1;
		CHECK(waitpid(children[i], &status, 0) == children[i] && status == 0);
	}
	CHECK(scratch_mode(house.scratch.fd, "out/x") != 0 && count_beside(&house) == 2);
	house_done(&house);
}
