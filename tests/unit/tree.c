/* SPDX-License-Identifier: MIT */
#include "tree/tree.h"

#include "base/sha256.h"
#include "tree/beneath.h"

#include "apart.h"
#include "scratch.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "test.h"

#define HEX	 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define EMPTY_ID "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* Parses a manifest given as a literal (its last NUL is the literal's own). */
#define PARSE(text, tree, err) parse(text, sizeof(text), tree, err)

static int
parse(const char *text, size_t length, struct tree *ret_tree, struct err *err)
{
	cleanup_buf struct buf manifest = {0};

	buf_add(&manifest, text, length);
	return tree_parse(&manifest, ret_tree, err);
}

static int
import(int from, int to, const struct tree_import *how, struct tree *ret_tree, struct err *err)
{
	struct err own = {0};
	int result = tree_import(from, to, how, ret_tree, err ? err : &own);

	if (result < 0 && !err) {
		printf("# %s\n", own.text);
	}
	return result;
}

TEST(a_manifest_reads_back)
{
	struct tree tree = {0};
	struct buf again = {0};
	const char text[] = "da\0fa/b\0" HEX "\0"
			    "3\0la/c\0../x\0xz\n\0" HEX "\0"
			    "0";

	CHECK_OR_RETURN(PARSE(text, &tree, NULL) == 0 && tree.count == 4);
	CHECK_TEXT(tree.entries[1].path, "a/b");
	CHECK(tree.entries[1].size == 3 && tree.entries[1].type == TREE_FILE);
	CHECK_TEXT(tree.entries[2].target, "../x");
	CHECK_TEXT(tree.entries[3].path, "z\n");
	for (size_t i = 0; i < tree.count; i++) {
		tree_record(&again, &tree.entries[i]);
	}
	CHECK(again.length == sizeof(text) && memcmp(again.data, text, sizeof(text)) == 0);
	CHECK(tree_find(&tree, "a/c") == &tree.entries[2] && !tree_find(&tree, "a/"));
	buf_done(&again);
	tree_done(&tree);
}

TEST(the_empty_manifest_is_the_empty_tree)
{
	struct tree tree = {0};
	char hex[DIGEST_HEX];

	CHECK(parse("", 0, &tree, NULL) == 0 && tree.count == 0);
	CHECK_TEXT(digest_hex(&tree.id, hex), EMPTY_ID);
	CHECK(!tree_find(&tree, "a"));
	tree_done(&tree);
}

static void
refuses(const char *text, size_t length, const char *why)
{
	struct tree tree = {0};
	struct err err = {0};

	CHECK(parse(text, length, &tree, &err) == -1 && err.status == STATUS_STORE);
	CHECK_TEXT(err.text, why);
}
#define REFUSES(text, why) refuses(text, sizeof(text), why)

TEST(a_manifest_that_is_wrong_is_refused_with_the_place)
{
	refuses("da", 2, "manifest: a field without an end in the record at byte 0");
	REFUSES("qa", "manifest: an unknown type in the record at byte 0");
	REFUSES("", "manifest: an unknown type in the record at byte 0");
	REFUSES("d..", "manifest: a bad path in the record at byte 0");
	REFUSES("d/a", "manifest: a bad path in the record at byte 0");
	REFUSES("d", "manifest: a bad path in the record at byte 0");
	REFUSES("db\0da", "manifest: a path out of order in the record at byte 3");
	REFUSES("da\0da", "manifest: a path out of order in the record at byte 3");
	REFUSES("da/b", "manifest: a path whose parent is no directory in the record at byte 0");
	REFUSES("la\0x\0da/b",
		"manifest: a path whose parent is no directory in the record at byte 5");
	REFUSES("la\0", "manifest: a bad target in the record at byte 0");
	REFUSES("fa\0" HEX "\0"
		"01",
		"manifest: a bad size in the record at byte 0");
	REFUSES("fa\0" HEX "\0"
		"-1",
		"manifest: a bad size in the record at byte 0");
	REFUSES("fa\0" HEX "\0", "manifest: a bad size in the record at byte 0");
	REFUSES("fa\0" HEX "\0"
		"9223372036854775808",
		"manifest: a bad size in the record at byte 0");
	REFUSES("fa\0" HEX, "manifest: a field without an end in the record at byte 0");
	REFUSES("fa\0abc\0"
		"0",
		"manifest: a bad hash in the record at byte 0");
}

TEST(globs_match_whole_paths)
{
	CHECK(tree_glob("a/b", "a/b") && !tree_glob("a", "a/b") && !tree_glob("a/b", "a"));
	CHECK(tree_glob("*.c", "x.c") && !tree_glob("*.c", "d/x.c") && tree_glob("*", ".hidden"));
	CHECK(tree_glob("src/**", "src/a/b") && !tree_glob("src/**", "src"));
	CHECK(tree_glob("**/x.h", "x.h") && tree_glob("**/x.h", "a/b/x.h") &&
		!tree_glob("**/x.h", "a/bx.h"));
	CHECK(tree_glob("a/**/b", "a/b") && tree_glob("a/**/b", "a/x/y/b") &&
		!tree_glob("a/**/b", "a/xb"));
	CHECK(tree_glob("lib/lib*.so*", "lib/libx.so.1") &&
		!tree_glob("lib/lib*.so*", "lib/x/libx.so"));
	CHECK(tree_glob("a?c", "abc") && !tree_glob("a?c", "a/c"));
	CHECK(tree_glob("[a-c]x", "bx") && !tree_glob("[!a-c]x", "bx") && tree_glob("[]x]", "]"));
	CHECK(!tree_glob("a[/]b", "a/b") && tree_glob("a[", "a[") && tree_glob("[a-]", "-"));
	CHECK(tree_glob("**", "a/b") && tree_glob("a**z", "a/y/z") && !tree_glob("a**z", "a/y"));
	CHECK(tree_glob("*a*b*", "xaxbx") && !tree_glob("*a*b*", "xbxax"));
}

TEST(a_glob_of_stars_takes_no_time)
{
	char path[4000], pattern[401];

	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	for (size_t i = 0; i < 400; i += 2) {
		memcpy(pattern + i, "*a", 2);
	}
	memcpy(pattern + 398, "*b", 3);
	CHECK(!tree_glob(pattern, path));
}

TEST(importing_keeps_names_types_the_x_bit_and_contents_only)
{
	struct scratch scratch = scratch_new();
	cleanup_fd int from = scratch_dir(&scratch, "from"), to = scratch_dir(&scratch, "to");
	struct tree tree = {0};
	struct stat st;

	scratch_file(from, "bin/tool", 0755, "abc");
	scratch_file(from, "share/new\nline", 0600, "");
	scratch_file(from, "setid", 06711, "x");
	CHECK(mkdirat(from, "empty", 01777) == 0 && symlinkat("no/where", from, "link") == 0);
	CHECK_OR_RETURN(import(from, to, NULL, &tree, NULL) == 0);
	CHECK(tree.count == 7 && tree_find(&tree, "share/new\nline"));
	CHECK(scratch_mode(to, "bin/tool") == (S_IFREG | 0555));
	CHECK(scratch_mode(to, "setid") == (S_IFREG | 0555));
	CHECK(scratch_mode(to, "share/new\nline") == (S_IFREG | 0444));
	CHECK(scratch_mode(to, "empty") == (S_IFDIR | 0555));
	CHECK(fstatat(to, "bin", &st, 0) == 0 && st.st_mtime == 1);
	CHECK(fstatat(to, "link", &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_mtime == 1);
	CHECK(fstatat(to, "bin/tool", &st, 0) == 0 && st.st_mtime == 1);
	char hex[DIGEST_HEX];
	CHECK_TEXT(digest_hex(&tree_find(&tree, "bin/tool")->content, hex), HEX);
	CHECK(tree_verify(&tree, to, NULL) == 0);
	tree_done(&tree);
	scratch_done(&scratch);
}

TEST(the_id_does_not_depend_on_times_owner_or_other_modes)
{
	struct scratch scratch = scratch_new();
	cleanup_fd int a = scratch_dir(&scratch, "a"), b = scratch_dir(&scratch, "b");
	cleanup_fd int to_a = scratch_dir(&scratch, "to-a"), to_b = scratch_dir(&scratch, "to-b");
	struct tree first = {0}, second = {0};

	scratch_file(a, "d/f", 0644, "same");
	scratch_file(a, "x", 0755, "same");
	scratch_file(b, "x", 0711, "same");
	scratch_file(b, "d/f", 0600, "same");
	CHECK(import(a, to_a, NULL, &first, NULL) == 0);
	CHECK(import(b, to_b, NULL, &second, NULL) == 0);
	CHECK(digest_equal(&first.id, &second.id));
	tree_done(&first);
	tree_done(&second);
	scratch_done(&scratch);
}

/* Imports `from` and expects the error text to hold `what`. */
static void
refuses_import(const struct scratch *scratch, int from, const char *what)
{
	cleanup_fd int to = scratch_dir(scratch, "refused");
	struct tree tree = {0};
	struct err err = {0};

	CHECK(tree_import(from, to, NULL, &tree, &err) == -1 && err.status == STATUS_RECIPE);
	if (!CHECK(strstr(err.text, what) != NULL)) {
		printf("# %s\n", err.text);
	}
	fs_remove_at(scratch->fd, "refused", NULL);
}

TEST(more_bytes_than_there_may_be_are_refused_before_any_is_copied)
{
	struct scratch scratch = scratch_new();
	cleanup_fd int from = scratch_dir(&scratch, "from");
	cleanup_fd int to = scratch_dir(&scratch, "to");
	struct tree_import how = {.bytes_most = 999};
	struct tree tree = {0};
	struct err err = {0};

	cleanup_fd int hole = openat(from, "hole", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	CHECK(ftruncate(hole, 500) == 0 && linkat(from, "hole", from, "link", 0) == 0);
	CHECK(tree_import(from, to, &how, &tree, &err) == -1 && err.status == STATUS_LIMIT);
	CHECK(faccessat(to, "hole", F_OK, 0) < 0);
	how.bytes_most = 1000;
	CHECK(import(from, to, &how, &tree, NULL) == 0);
	tree_done(&tree);
	scratch_done(&scratch);
}

TEST(importing_can_be_stopped)
{
	struct scratch scratch = scratch_new();
	cleanup_fd int from = scratch_dir(&scratch, "from");
	cleanup_fd int to = scratch_dir(&scratch, "to");
	cleanup_fd int cancel_fd = eventfd(1, EFD_CLOEXEC);
	const struct tree_import how = {.cancel_fd = &cancel_fd};
	struct tree tree = {0};
	struct err err = {0};

	scratch_file(from, "file", 0644, "text");
	CHECK(tree_import(from, to, &how, &tree, &err) == -1 && err.status == STATUS_INTERRUPTED);
	CHECK(faccessat(to, "file", F_OK, 0) < 0);
	scratch_done(&scratch);
}

TEST(a_fifo_is_an_error_that_names_it)
{
	struct scratch scratch = scratch_new();
	cleanup_fd int from = scratch_dir(&scratch, "from");

	CHECK(mkdirat(from, "run", 0755) == 0 && mkfifoat(from, "run/p\x1b[2J", 0600) == 0);
	refuses_import(&scratch, from, "'run/p\\x1b[2J' is a FIFO");
	scratch_done(&scratch);
}

TEST(a_socket_is_an_error_that_names_it)
{
	struct scratch scratch = scratch_new();
	cleanup_fd int from = scratch_dir(&scratch, "from");
	cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/from/s", scratch.path);
	CHECK(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	refuses_import(&scratch, from, "'s' is a socket");
	scratch_done(&scratch);
}

TEST(a_device_is_an_error_that_names_it)
{
	struct scratch scratch = scratch_new();
	cleanup_fd int from = scratch_dir(&scratch, "from");

	if (mknodat(from, "null", S_IFCHR | 0666, makedev(1, 3)) < 0) {
		scratch_done(&scratch);
		SKIP("device nodes need root");
	}
	refuses_import(&scratch, from, "'null' is a character device");
	scratch_done(&scratch);
}

TEST(a_file_that_claims_to_be_huge_is_refused_unread)
{
	struct scratch scratch = scratch_new();
	cleanup_fd int from = scratch_dir(&scratch, "from");
	cleanup_fd int fd = openat(from, "big", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (ftruncate(fd, (off_t)1 << 40) < 0) {
		scratch_done(&scratch);
		SKIP("no sparse file of 1 TiB here");
	}
	refuses_import(&scratch, from, "'big' is larger than 64 GiB");
	scratch_done(&scratch);
}

TEST(links_are_never_followed)
{
	struct scratch scratch = scratch_new();
	cleanup_fd int from = scratch_dir(&scratch, "from"), to = scratch_dir(&scratch, "to");
	struct tree tree = {0};

	CHECK(symlinkat("/etc", from, "etc") == 0 && symlinkat("loop", from, "loop") == 0 &&
		symlinkat(".", from, "self") == 0);
	CHECK_OR_RETURN(import(from, to, NULL, &tree, NULL) == 0);
	CHECK(tree.count == 3 && tree.entries[0].type == TREE_LINK);
	CHECK_TEXT(tree_find(&tree, "etc")->target, "/etc");
	CHECK(tree_verify(&tree, to, NULL) == 0);
	tree_done(&tree);
	scratch_done(&scratch);
}

static bool
ways_lead_through_no_link(void *argument)
{
	const int *dir = argument;

	/* With openat2(2), and as before Linux 5.6. */
	for (int i = 0; i < 2; i++) {
		cleanup_fd int good = beneath_open(*dir, "real/file", O_RDONLY);
		cleanup_fd int bad = beneath_open(*dir, "link/file", O_RDONLY);
		cleanup_fd int last = beneath_open(*dir, "real/link", O_RDONLY);
		if (good < 0 || bad >= 0 || last >= 0 || !refuse_call(SYS_openat2, ENOSYS)) {
			return false;
		}
	}
	return true;
}

TEST(no_component_of_a_path_is_a_link)
{
	struct scratch scratch = scratch_new();
	cleanup_fd int dir = scratch_dir(&scratch, "dir");

	scratch_file(dir, "real/file", 0644, "text");
	CHECK(symlinkat("real", dir, "link") == 0 && symlinkat("file", dir, "real/link") == 0);
	CHECK(holds_apart(ways_lead_through_no_link, &dir));
	scratch_done(&scratch);
}

static int
deep_dir(int dir, int depth)
{
	int at = fcntl(dir, F_DUPFD_CLOEXEC, 3);

	for (int i = 0; i < depth && at >= 0; i++) {
		mkdirat(at, "d", 0755);
		int next = fs_open_dir(at, "d", NULL);
		close(at);
		at = next;
	}
	return at;
}

TEST(a_tree_two_thousand_directories_deep_is_taken)
{
	struct scratch scratch = scratch_new();
	cleanup_fd int from = scratch_dir(&scratch, "from"), to = scratch_dir(&scratch, "to");
	cleanup_fd int deep = deep_dir(from, 2000);
	struct tree tree = {0};

	scratch_file(deep, "f", 0644, "deep");
	CHECK_OR_RETURN(import(from, to, NULL, &tree, NULL) == 0);
	CHECK(tree.count == 2001 && tree_verify(&tree, to, NULL) == 0);
	tree_done(&tree);
	scratch_done(&scratch);
}

TEST(a_tree_too_deep_for_a_path_is_refused)
{
	struct scratch scratch = scratch_new();
	cleanup_fd int from = scratch_dir(&scratch, "from");
	cleanup_fd int deep = deep_dir(from, 3000);

	CHECK(deep >= 0);
	refuses_import(&scratch, from, "holds a path longer than 4095 bytes");
	scratch_done(&scratch);
}

/* Runs the body as an ordinary user, in a child of its own; its exit status comes back. */
static int
as_user(int (*body)(const struct scratch *scratch), const struct scratch *scratch)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0)) {
			_exit(99);
		}
		_exit(body(scratch));
	}
	return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

static int
import_closed(const struct scratch *scratch)
{
	cleanup_fd int from = scratch_dir(scratch, "from"), to = scratch_dir(scratch, "to");
	struct tree tree = {0};
	const struct tree_import how = {.move = true};

	scratch_file(from, "closed/below/file", 0, "abc");
	scratch_file(from, "unsearchable/file", 0400, "abc");
	if (fchmodat(from, "closed/below", 0, 0) < 0 || fchmodat(from, "closed", 0, 0) < 0 ||
		fchmodat(from, "unsearchable", 0400, 0) < 0) {
		return 1;
	}
	if (import(from, to, &how, &tree, NULL) < 0) {
		return 2;
	}
	bool is_good = tree_find(&tree, "closed/below/file") &&
		       tree_find(&tree, "unsearchable/file") && tree_verify(&tree, to, NULL) == 0;
	tree_done(&tree);
	return is_good ? 0 : 3;
}

TEST(directories_of_mode_0000_are_taken_by_an_ordinary_user)
{
	struct scratch scratch = scratch_new();

	chmod(scratch.path, 0777);
	CHECK(as_user(import_closed, &scratch) == 0);
	scratch_done(&scratch);
}

static int
remove_deep(const struct scratch *scratch)
{
	cleanup_fd int from = scratch_dir(scratch, "from"), to = scratch_dir(scratch, "to");
	cleanup_fd int deep = deep_dir(from, 100);
	struct tree tree = {0};

	if (deep < 0 || import(from, to, NULL, &tree, NULL) < 0) {
		return 1;
	}
	tree_done(&tree);
	return fs_remove_at(scratch->fd, "to", NULL) == 0 ? 0 : 2;
}

TEST(a_deep_tree_in_store_form_can_be_removed_by_an_ordinary_user)
{
	struct scratch scratch = scratch_new();

	chmod(scratch.path, 0777);
	CHECK(as_user(remove_deep, &scratch) == 0);
	scratch_done(&scratch);
}

TEST(moving_takes_the_inode_but_not_one_with_other_names_or_attributes)
{
	struct scratch scratch = scratch_new();
	cleanup_fd int from = scratch_dir(&scratch, "from"), to = scratch_dir(&scratch, "to");
	struct tree_import how = {.move = true};
	struct tree tree = {0};
	struct stat before, after;

	scratch_file(from, "lone", 04755, "abc");
	scratch_file(from, "twin", 0644, "abc");
	scratch_file(from, "marked", 0644, "abc");
	CHECK(linkat(from, "twin", scratch.fd, "outside", 0) == 0);
	cleanup_fd int marked = openat(from, "marked", O_RDONLY | O_CLOEXEC);
	bool has_mark = fsetxattr(marked, "user.brun", "x", 1, 0) == 0;
	CHECK(fstatat(from, "lone", &before, 0) == 0);
	CHECK_OR_RETURN(import(from, to, &how, &tree, NULL) == 0);
	CHECK(fstatat(to, "lone", &after, 0) == 0 && after.st_ino == before.st_ino &&
		after.st_mode == (S_IFREG | 0555) && after.st_mtime == 1);
	CHECK(fstatat(to, "twin", &after, 0) == 0 && after.st_nlink == 1);
	cleanup_fd int copy = openat(to, "marked", O_RDONLY | O_CLOEXEC);
	CHECK(!has_mark || flistxattr(copy, NULL, 0) == 0);
	CHECK(tree_verify(&tree, to, NULL) == 0);
	tree_done(&tree);
	scratch_done(&scratch);
}

TEST(include_and_exclude_keep_only_directories_that_hold_something)
{
	struct scratch scratch = scratch_new();
	cleanup_fd int from = scratch_dir(&scratch, "from"), to = scratch_dir(&scratch, "to");
	const char *include[] = {"src/**", "*.toml", NULL}, *exclude[] = {"src/gen/**", NULL};
	struct tree_import how = {.include = include, .exclude = exclude, .is_borrowed = true};
	struct tree tree = {0};

	scratch_file(from, "src/a.c", 0644, "");
	scratch_file(from, "src/gen/b.c", 0644, "");
	scratch_file(from, "Cargo.toml", 0644, "");
	scratch_file(from, "other/Cargo.toml", 0644, "");
	CHECK(mkdirat(from, "src/empty", 0755) == 0);
	CHECK(mkfifoat(from, "fifo", 0600) == 0 && mkfifoat(from, "other/fifo", 0600) == 0);
	CHECK_OR_RETURN(import(from, to, &how, &tree, NULL) == 0);
	CHECK(tree.count == 4 && tree_find(&tree, "src/a.c") && tree_find(&tree, "Cargo.toml") &&
		tree_find(&tree, "src/empty"));
	tree_done(&tree);
	scratch_done(&scratch);
}

TEST(an_export_is_writable_by_the_umask_and_shares_nothing)
{
	struct scratch scratch = scratch_new();
	cleanup_fd int from = scratch_dir(&scratch, "from"), to = scratch_dir(&scratch, "to");
	cleanup_fd int out = scratch_dir(&scratch, "out");
	struct tree tree = {0};
	struct stat in_store, exported;
	mode_t before = umask(027);

	scratch_file(from, "d/tool", 0755, "abc");
	scratch_file(from, "d/text", 0644, "");
	CHECK(symlinkat("tool", from, "d/link") == 0);
	CHECK_OR_RETURN(import(from, to, NULL, &tree, NULL) == 0);
	CHECK(tree_export(&tree, to, out, false, NULL) == 0);
	CHECK(scratch_mode(out, "d/tool") == (S_IFREG | 0750));
	CHECK(scratch_mode(out, "d/text") == (S_IFREG | 0640));
	CHECK(scratch_mode(out, "d") == (S_IFDIR | 0750));
	CHECK(fstatat(to, "d/tool", &in_store, 0) == 0 &&
		fstatat(out, "d/tool", &exported, 0) == 0 && in_store.st_ino != exported.st_ino);
	CHECK(tree_verify(&tree, out, NULL) == 0);
	umask(before);
	tree_done(&tree);
	scratch_done(&scratch);
}

TEST(verifying_names_what_differs)
{
	struct scratch scratch = scratch_new();
	cleanup_fd int from = scratch_dir(&scratch, "from"), to = scratch_dir(&scratch, "to");
	struct tree tree = {0};
	struct err err = {0};

	scratch_file(from, "a", 0644, "abc");
	scratch_file(from, "b", 0644, "abc");
	CHECK_OR_RETURN(import(from, to, NULL, &tree, NULL) == 0);
	CHECK(unlinkat(to, "a", 0) == 0 && tree_verify(&tree, to, &err) == -1);
	CHECK_TEXT(err.text, "'a' is missing");
	scratch_file(to, "a", 0444, "abd");
	CHECK(tree_verify(&tree, to, &err) == -1);
	CHECK_TEXT(err.text, "'a' is not what the tree's manifest says");
	CHECK(unlinkat(to, "a", 0) == 0);
	scratch_file(to, "a", 0444, "abc");
	scratch_file(to, "aa", 0444, "");
	CHECK(tree_verify(&tree, to, &err) == -1);
	CHECK_TEXT(err.text, "'aa' does not belong to the tree");
	tree_done(&tree);
	scratch_done(&scratch);
}
