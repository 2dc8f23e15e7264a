/* SPDX-License-Identifier: MIT */
#include "store/compose.h"

#include "house.h"
#include "plan/plan.h"

#include "test.h"

enum { INPUTS_MAX = 4 };

/* A plan by hand: inputs named a, b, c, … and one last action that is composed from them. */
struct sketch {
	struct action actions[INPUTS_MAX + 1];
	struct action_input inputs[INPUTS_MAX];
	struct digest ids[INPUTS_MAX];
	struct plan plan;
};

static struct action *
sketch_init(struct sketch *sketch, enum action_kind kind, size_t count, const struct digest *ids)
{
	static const char *const names[INPUTS_MAX] = {"a", "b", "c", ""};

	*sketch = (struct sketch){0};
	for (size_t i = 0; i < count; i++) {
		sketch->actions[i] =
			(struct action){.kind = ACTION_UNPACK, .name = names[i], .where = ""};
		sketch->inputs[i] = (struct action_input){.role = "tree", .index = i};
		sketch->ids[i] = ids[i];
	}
	struct action *last = &sketch->actions[count];
	*last = (struct action){.kind = kind,
		.name = "last",
		.where = "",
		.inputs = sketch->inputs,
		.input_count = count};
	sketch->plan = (struct plan){.actions = sketch->actions, .action_count = count + 1};
	return last;
}

/* What comes of it: the list of the tree, or "error: …". The caller frees. */
static char *
compose(struct store *store, struct sketch *sketch, const struct action *action, int glob_fd,
	struct digest *ret_id)
{
	struct digest id = {0};
	struct err err = {0};

	if (compose_tree(store, &sketch->plan, action, sketch->ids, glob_fd, &id, &err) < 0) {
		return mem_printf("error %d: %s", (int)err.status, err.text);
	}
	if (ret_id) {
		*ret_id = id;
	}
	return house_list(store, &id);
}

static char *
combine(struct store *store, enum action_kind kind, size_t count, const struct digest *ids)
{
	struct sketch sketch;
	struct action *last = sketch_init(&sketch, kind, count, ids);

	return compose(store, &sketch, last, -1, NULL);
}

#define HINT "\nleave one of the two out, or take the path out of one with filter{}"

TEST(a_merge_lays_trees_over_each_other)
{
	struct house house = house_new();
	struct digest ids[] = {HOUSE_TREE(house.store, {"bin/a", "1", .mode = 0755}, {"x", "same"}),
		HOUSE_TREE(house.store, {"bin/b", "2"}, {"x", "same"}, {"l", .link = "bin"})};
	cleanup_free char *list = combine(house.store, ACTION_MERGE, 2, ids);

	CHECK_TEXT(list, "bin/\nbin/a*\nbin/b\nl -> bin\nx\n");
	house_done(&house);
}

TEST(a_merge_shares_inodes_with_the_store_and_keeps_store_form)
{
	struct house house = house_new();
	struct digest id = HOUSE_TREE(house.store, {"d/a", "1", .mode = 0755});
	struct digest ids[] = {id, HOUSE_TREE(house.store, {"d/b", "2"})}, merged = {0};
	struct sketch sketch;
	struct action *last = sketch_init(&sketch, ACTION_MERGE, 2, ids);
	cleanup_free char *list = compose(house.store, &sketch, last, -1, &merged);
	cleanup_free char *from = store_tree_path(house.store, &id);
	cleanup_free char *to = store_tree_path(house.store, &merged);
	cleanup_free char *a = mem_printf("%s/d/a", from), *b = mem_printf("%s/d/a", to);
	cleanup_free char *dir = mem_printf("%s/d", to);
	struct stat original, link;

	CHECK_TEXT(list, "d/\nd/a*\nd/b\n");
	CHECK(stat(a, &original) == 0 && stat(b, &link) == 0 && original.st_ino == link.st_ino);
	CHECK(stat(dir, &link) == 0 && link.st_mode == (S_IFDIR | 0555) && link.st_mtime == 1);
	house_done(&house);
}

TEST(a_merge_of_nothing_is_the_empty_tree)
{
	struct house house = house_new();
	cleanup_free char *list = combine(house.store, ACTION_MERGE, 0, NULL);

	CHECK_TEXT(list, "");
	house_done(&house);
}

TEST(a_conflict_names_the_path_and_both_inputs)
{
	struct house house = house_new();
	struct digest ids[] = {HOUSE_TREE(house.store, {"d/x", "one"}),
		HOUSE_TREE(house.store, {"d/y", "1"}), HOUSE_TREE(house.store, {"d/x", "three"})};
	cleanup_free char *list = combine(house.store, ACTION_MERGE, 3, ids);

	CHECK_TEXT(
		list, "error 3: 'd/x' has other contents in a (3 bytes) than in c (5 bytes)" HINT);
	house_done(&house);
}

TEST(a_conflict_of_types_says_which)
{
	struct house house = house_new();
	struct digest file = HOUSE_TREE(house.store, {"x", "1"});
	struct digest program = HOUSE_TREE(house.store, {"x", "1", .mode = 0755});
	struct digest link = HOUSE_TREE(house.store, {"x", .link = "y"});
	struct digest other = HOUSE_TREE(house.store, {"x", .link = "z"});
	struct digest dir = HOUSE_TREE(house.store, {"x/y", "1"});
	struct {
		struct digest ids[2];
		const char *text;
	} cases[] = {
		{{file, program}, "error 3: 'x' is a file in a, but an executable file in b" HINT},
		{{file, link}, "error 3: 'x' is a file in a, but a symbolic link in b" HINT},
		{{link, other}, "error 3: 'x' leads to 'y' in a, but to 'z' in b" HINT},
		{{dir, file}, "error 3: 'x' is a directory in a, but a file in b" HINT},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cleanup_free char *list = combine(house.store, ACTION_MERGE, 2, cases[i].ids);
		CHECK_TEXT(list, cases[i].text);
	}
	house_done(&house);
}

TEST(an_input_that_is_not_in_the_store_is_named)
{
	struct house house = house_new();
	struct digest ids[] = {sha256_of("x", 1)};
	cleanup_free char *list = combine(house.store, ACTION_MERGE, 1, ids);

	CHECK(strncmp(list, "error 7: the tree of a is not in the store", 42) == 0);
	house_done(&house);
}

TEST(debian_packages_become_a_root_with_merged_usr)
{
	struct house house = house_new();
	struct digest ids[] = {HOUSE_TREE(house.store, {"bin/sh", .link = "dash"},
				       {"bin/dash", "1", .mode = 0755}, {"usr/bin/x", "x"}),
		HOUSE_TREE(house.store, {"lib/m/libc.so", "c"}, {"lib64/ld.so", .link = "/lib/m/l"},
			{"usr/lib/m/libx.so", "x"}, {"libexec/y", "y"}),
		HOUSE_TREE(house.store, {"etc/passwd", "root"}, {"usr/bin/cc", .link = "gcc"})};
	cleanup_free char *list = combine(house.store, ACTION_DEBIAN, 3, ids);

	CHECK_TEXT(list,
		"bin -> usr/bin\netc/\netc/passwd\nlib -> usr/lib\nlib64 -> usr/lib64\nlibexec/\n"
		"libexec/y\nsbin -> usr/sbin\nusr/\nusr/bin/\nusr/bin/cc -> gcc\nusr/bin/dash*\n"
		"usr/bin/sh -> dash\nusr/bin/x\nusr/lib/\nusr/lib/m/\nusr/lib/m/libc.so\n"
		"usr/lib/m/libx.so\nusr/lib64/\nusr/lib64/ld.so -> /lib/m/l\nusr/sbin/\n");
	house_done(&house);
}

TEST(a_package_may_bring_the_merging_links_itself)
{
	struct house house = house_new();
	struct digest ids[] = {HOUSE_TREE(house.store, {"bin", .link = "usr/bin"},
				       {"sbin", .link = "/usr/sbin"}, {"lib32/x", "1"}),
		HOUSE_TREE(house.store, {"bin/a", "1"})};
	cleanup_free char *list = combine(house.store, ACTION_DEBIAN, 2, ids);

	CHECK_TEXT(list, "bin -> usr/bin\nlib -> usr/lib\nlib32 -> usr/lib32\nlib64 -> usr/lib64\n"
			 "sbin -> usr/sbin\nusr/\nusr/bin/\nusr/bin/a\nusr/lib/\nusr/lib32/\n"
			 "usr/lib32/x\nusr/lib64/\nusr/sbin/\n");
	house_done(&house);
}

TEST(packages_that_meet_only_in_merged_usr_conflict_too)
{
	struct house house = house_new();
	struct digest ids[] = {HOUSE_TREE(house.store, {"bin/a", "1"}),
		HOUSE_TREE(house.store, {"usr/bin/a", "2"}),
		HOUSE_TREE(house.store, {"bin", .link = "elsewhere"})};
	cleanup_free char *list = combine(house.store, ACTION_DEBIAN, 2, ids);
	struct digest others[] = {ids[0], ids[2]};
	cleanup_free char *other = combine(house.store, ACTION_DEBIAN, 2, others);

	CHECK_TEXT(list,
		"error 3: 'usr/bin/a' has other contents in a (1 bytes) than in b (1 bytes)" HINT);
	CHECK_TEXT(other, "error 3: 'usr/bin' is a directory in a, but a symbolic link in b" HINT);
	house_done(&house);
}

static const struct plan_package known[] = {
	{"dash", "amd64", "0.5-1+b2", "dash"},
	{"libc6", "all", "2:3", "glibc"},
};

/* A base of these trees, the first ones of them packages: the list of its tree, or the error. */
static char *
base(struct store *store, size_t packages, size_t files, const struct digest *ids,
	struct digest *ret_id)
{
	struct sketch sketch;
	struct action *last = sketch_init(&sketch, ACTION_DEBIAN, packages + files, ids);

	for (size_t i = 0; i < packages + files; i++) {
		sketch.inputs[i].role = i < packages ? "package" : "file";
	}
	last->debian.packages = known;
	last->debian.count = packages;
	return compose(store, &sketch, last, -1, ret_id);
}

static char *
contents(struct store *store, const struct digest *id, const char *path)
{
	struct buf text = {0};
	struct stat st = {0};
	cleanup_free char *top = store_tree_path(store, id);
	cleanup_free char *full = mem_printf("%s/%s", top, path);

	CHECK(fs_read_at(AT_FDCWD, full, 1 << 20, &text, NULL) == 0);
	CHECK(stat(full, &st) == 0 && st.st_mode == (S_IFREG | 0444) && st.st_mtime == 1);
	return buf_take(&text);
}

TEST(a_base_has_dpkgs_records_of_its_packages)
{
	struct house house = house_new();
	struct digest ids[] = {HOUSE_TREE(house.store, {"bin/sh", .link = "dash"},
				       {"bin/dash", "1", .mode = 0755}, {"usr/share/a\nb", "x"}),
		HOUSE_TREE(house.store, {"lib/libc.so", "c"}),
		HOUSE_TREE(house.store, {"etc/passwd", "root"})};
	struct digest id = {0}, same = {0};
	cleanup_free char *list = base(house.store, 2, 1, ids, &id);
	cleanup_free char *again = base(house.store, 2, 1, ids, &same);
	cleanup_free char *dash = contents(house.store, &id, "var/lib/dpkg/info/dash.list");
	cleanup_free char *libc = contents(house.store, &id, "var/lib/dpkg/info/libc6.list");
	cleanup_free char *status = contents(house.store, &id, "var/lib/dpkg/status");

	CHECK(strstr(list, "\nvar/\nvar/lib/\nvar/lib/dpkg/\nvar/lib/dpkg/info/\n"
			   "var/lib/dpkg/info/dash.list\nvar/lib/dpkg/info/libc6.list\n"
			   "var/lib/dpkg/status\n"));
	CHECK(digest_equal(&id, &same));
	CHECK_TEXT(dash, "/.\n/bin\n/bin/dash\n/bin/sh\n/usr\n/usr/share\n");
	CHECK_TEXT(libc, "/.\n/lib\n/lib/libc.so\n");
	CHECK_TEXT(status,
		"Package: dash\nStatus: install ok installed\nMaintainer: unknown\n"
		"Architecture: amd64\nVersion: 0.5-1+b2\nDescription: dash\n\n"
		"Package: libc6\nStatus: install ok installed\nMaintainer: unknown\n"
		"Architecture: all\nSource: glibc\nVersion: 2:3\nDescription: libc6\n\n");
	house_done(&house);
}

TEST(a_package_that_brings_dpkgs_records_itself_is_a_conflict)
{
	struct house house = house_new();
	struct digest ids[] = {HOUSE_TREE(house.store, {"var/lib/dpkg/status", "mine"}),
		HOUSE_TREE(house.store, {"var/lib/dpkg/info/dash.list", .link = "x"}),
		HOUSE_TREE(house.store, {"var/lib/dpkg", .link = "elsewhere"})};
	cleanup_free char *status = base(house.store, 1, 0, ids, NULL);
	cleanup_free char *list = base(house.store, 1, 0, ids + 1, NULL);
	cleanup_free char *dir = base(house.store, 1, 0, ids + 2, NULL);

	CHECK_TEXT(status,
		"error 3: 'var/lib/dpkg/status' has other contents in a (4 bytes) than in "
		"what composing adds (120 bytes)" HINT);
	CHECK_TEXT(list, "error 3: 'var/lib/dpkg/info/dash.list' is a symbolic link in a, but a "
			 "file in what composing adds" HINT);
	CHECK_TEXT(dir, "error 3: 'var/lib/dpkg' is a symbolic link in a, but what composing adds "
			"has 'var/lib/dpkg/info/dash.list' below it" HINT);
	house_done(&house);
}

TEST(a_package_may_bring_what_would_be_written_anyway)
{
	struct house house = house_new();
	struct digest ids[] = {HOUSE_TREE(
		house.store, {"var/lib/dpkg/info/dash.list",
				     "/.\n/var\n/var/lib\n/var/lib/dpkg\n/var/lib/dpkg/info\n"
				     "/var/lib/dpkg/info/dash.list\n"})};
	cleanup_free char *list = base(house.store, 1, 0, ids, NULL);

	CHECK(strstr(list, "var/lib/dpkg/info/dash.list\nvar/lib/dpkg/status\n"));
	house_done(&house);
}

static char *
filter(struct store *store, const struct digest *id, const char *const *include,
	const char *const *exclude)
{
	struct sketch sketch;
	struct action *last = sketch_init(&sketch, ACTION_FILTER, 1, id);

	last->filter.include = include;
	last->filter.exclude = exclude;
	return compose(store, &sketch, last, -1, NULL);
}

TEST(a_filter_keeps_what_is_selected_and_what_it_lies_in)
{
	struct house house = house_new();
	struct digest id = HOUSE_TREE(house.store, {"include/a.h", "1"}, {"lib/liba.a", "2"},
		{"lib/liba.so", .link = "liba.so.1"}, {"lib/liba.so.1", "3"}, {"share/empty"});
	const char *dev[] = {"include/**", "lib/*.a", "lib/*.so", NULL}, *none[] = {NULL};
	cleanup_free char *with = filter(house.store, &id, dev, none);
	cleanup_free char *without = filter(house.store, &id, NULL, dev);
	cleanup_free char *all = filter(house.store, &id, none, none);

	CHECK_TEXT(with, "include/\ninclude/a.h\nlib/\nlib/liba.a\nlib/liba.so -> liba.so.1\n");
	CHECK_TEXT(without, "lib/\nlib/liba.so.1\nshare/\nshare/empty/\n");
	CHECK_TEXT(all, "include/\ninclude/a.h\nlib/\nlib/liba.a\nlib/liba.so -> liba.so.1\n"
			"lib/liba.so.1\nshare/\nshare/empty/\n");
	house_done(&house);
}

TEST(a_file_action_makes_its_file_with_its_directories)
{
	struct house house = house_new();
	struct sketch sketch;
	struct action *last = sketch_init(&sketch, ACTION_FILE, 0, NULL);
	struct digest id = {0};

	last->file.path = "etc/d/x";
	last->file.text = "text";
	last->file.text_length = 4;
	last->file.is_executable = true;
	cleanup_free char *list = compose(house.store, &sketch, last, -1, &id);
	CHECK_TEXT(list, "etc/\netc/d/\netc/d/x*\n");
	struct digest same = HOUSE_TREE(house.store, {"etc/d/x", "text", .mode = 0755});
	CHECK(digest_equal(&id, &same));
	last->file.text = NULL;
	last->file.link = "../y";
	cleanup_free char *link = compose(house.store, &sketch, last, -1, NULL);
	CHECK_TEXT(link, "etc/\netc/d/\netc/d/x -> ../y\n");
	house_done(&house);
}

static char *
glob(struct house *house, const char *dir, const char *const *patterns)
{
	struct sketch sketch;
	struct action *last = sketch_init(&sketch, ACTION_GLOB, 0, NULL);
	cleanup_fd int root = scratch_dir(&house->scratch, "recipe");

	last->glob.dir = dir;
	last->glob.patterns = patterns;
	return compose(house->store, &sketch, last, root, NULL);
}

TEST(a_glob_takes_files_beside_the_recipe_and_leaves_them_as_they_are)
{
	struct house house = house_new();
	cleanup_fd int root = scratch_dir(&house.scratch, "recipe");
	const char *patterns[] = {"src/**", "*.toml", NULL}, *inside[] = {"*.c", NULL};

	scratch_file(root, "src/a.c", 0600, "1");
	scratch_file(root, "src/closed/b.c", 0644, "1");
	scratch_file(root, "Cargo.toml", 0644, "1");
	scratch_file(root, "secret", 0, "1");
	CHECK(symlinkat("/etc/passwd", root, "src/link") == 0);
	CHECK(fchmodat(root, "src/closed", 0500, 0) == 0);
	cleanup_free char *list = glob(&house, ".", patterns);
	CHECK_TEXT(list, "Cargo.toml\nsrc/\nsrc/a.c\nsrc/closed/\nsrc/closed/b.c\n"
			 "src/link -> /etc/passwd\n");
	cleanup_free char *below = glob(&house, "src", inside);
	CHECK_TEXT(below, "a.c\n");
	CHECK(scratch_mode(root, "src/closed") == (S_IFDIR | 0500));
	CHECK(scratch_mode(root, "src/a.c") == (S_IFREG | 0600));
	house_done(&house);
}

TEST(a_glob_does_not_leave_the_root_through_a_link)
{
	struct house house = house_new();
	cleanup_fd int root = scratch_dir(&house.scratch, "recipe");
	const char *through[] = {"out/*", NULL}, *all[] = {"*", NULL};

	scratch_file(house.scratch.fd, "outside/secret", 0644, "1");
	CHECK(symlinkat("../outside", root, "out") == 0);
	cleanup_free char *list = glob(&house, ".", through);
	CHECK(strncmp(list, "error 3: the glob 'out/*' matches nothing in '.'", 48) == 0);
	cleanup_free char *dir = glob(&house, "out", all);
	CHECK(strncmp(dir, "error 3: glob: open directory 'out' beside the recipe", 53) == 0);
	house_done(&house);
}

TEST(each_pattern_of_a_glob_must_match)
{
	struct house house = house_new();
	cleanup_fd int root = scratch_dir(&house.scratch, "recipe");
	const char *patterns[] = {"a", "b*", NULL};

	scratch_file(root, "a", 0644, "1");
	cleanup_free char *list = glob(&house, ".", patterns);
	CHECK(strncmp(list, "error 3: the glob 'b*' matches nothing in '.'", 45) == 0);
	house_done(&house);
}
