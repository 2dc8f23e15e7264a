/* SPDX-License-Identifier: MIT */
#include "debian/debian_index.h"
#include "debian/debian_lock.h"
#include "debian/debian_release.h"
#include "debian/debian_version.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

#include <fcntl.h>

#include "test.h"

/* What every stanza must have; two hex digits tell packages of one test apart. */
#define STANZA(name, version, fields)                                                              \
	"Package: " name "\nVersion: " version "\nArchitecture: amd64\n" fields                    \
	"Filename: pool/main/x/" name "_" version "_amd64.deb\nSize: 10\nSHA256: "                 \
	"00000000000000000000000000000000000000000000000000000000000000ab\n"                       \
	"Description: short\n long\n .\n long\n\n"

static int
parse(const char *text, struct debian_index *ret_index, struct err *err)
{
	char *copy = mem_strdup(text);
	int result = debian_index_parse(copy, strlen(copy), "amd64", ret_index, err);

	if (result < 0) {
		free(copy);
	}
	return result;
}

/* Resolves space-separated names; the pins as "a(b c) b() …", or the error's text. Freed by the
 * caller. */
static char *
resolve(const char *index_text, const char *wanted, const char *assumed)
{
	struct debian_index index;
	struct debian_lock lock = {.suite = "s", .component = "c", .architecture = "amd64"};
	struct err err = {0};
	struct buf out = {0};

	if (!CHECK(parse(index_text, &index, &err) == 0)) {
		printf("# %s\n", err.text);
		return mem_strdup("");
	}
	cleanup_free char *words = mem_strdup(wanted);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
		debian_names_add(&lock.wanted, &lock.arena, word);
	}
	if (*assumed) {
		debian_names_add(&lock.assumed, &lock.arena, assumed);
	}
	if (debian_resolve(&index, &lock, &err) < 0) {
		buf_puts(&out, err.text);
	}
	for (size_t i = 0; i < lock.count; i++) {
		buf_printf(&out, "%s%s(", i ? " " : "", lock.pins[i].name);
		for (size_t j = 0; j < lock.pins[i].depends.count; j++) {
			buf_printf(&out, "%s%s", j ? " " : "", lock.pins[i].depends.items[j]);
		}
		buf_putc(&out, ')');
	}
	debian_lock_done(&lock);
	debian_index_done(&index);
	return buf_take(&out);
}

#define CHECK_RESOLVE(index, wanted, assumed, expected)                                            \
	do {                                                                                       \
		cleanup_free char *got_ = resolve(index, wanted, assumed);                         \
		CHECK_TEXT(got_, expected);                                                        \
	} while (0)

TEST(versions_are_ordered_as_dpkg_orders_them)
{
	/* Each line is later than the one before it. */
	static const char *const rising[] = {"0~", "0", "0.0~a", "0.0", "1.0~~", "1.0~~a", "1.0~",
		"1.0~rc1-1", "1.0~rc1-1+b1", "1.0-1", "1.0-1+deb12u1", "1.0-1.1", "1.0-2~bpo12+1",
		"1.0-2", "1.0-10", "1.0+dfsg-1", "1.0.1", "1.1a", "1.1b", "1.1+", "1.10", "1.10-1",
		"1:0.1", "1:0.1-1", "2:0~1", "10:0"};
	const size_t count = sizeof(rising) / sizeof(*rising);

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < count; j++) {
			int got = debian_version_compare(rising[i], rising[j]);
			if (!CHECK(i < j ? got < 0 : i > j ? got > 0 : got == 0)) {
				printf("# %s and %s: %d\n", rising[i], rising[j], got);
			}
		}
	}
}

TEST(versions_that_only_look_different_are_equal)
{
	CHECK(debian_version_compare("0:1.0-1", "1.0-1") == 0);
	CHECK(debian_version_compare("1.0", "1.0-0") == 0);
	CHECK(debian_version_compare("1.0", "1.00") == 0);
	CHECK(debian_version_compare("1.2.3-1-2", "1.2.3-1-2") == 0);
	CHECK(debian_version_compare(
		      "1.99999999999999999999999999", "1.100000000000000000000000000") < 0);
}

TEST(relations_are_read_with_all_their_trimmings)
{
	struct arena arena = {0};
	struct debian_relations relations = {0};
	const char *text = "libc6 (>= 2.36), a:any | b (<< 1:2~) [amd64 !i386] <!nocheck>,\tc(= 1)";

	CHECK_OR_RETURN(debian_relations_parse(text, &arena, &relations, NULL) == 0);
	CHECK_OR_RETURN(relations.count == 4);
	CHECK_TEXT(debian_relation_text(&relations.items[0], &arena), "libc6 (>= 2.36)");
	CHECK_TEXT(debian_relation_text(&relations.items[1], &arena), "a");
	CHECK(relations.items[1].has_alternative && !relations.items[2].has_alternative);
	CHECK_TEXT(debian_relation_text(&relations.items[2], &arena), "b (<< 1:2~)");
	CHECK_TEXT(debian_relation_text(&relations.items[3], &arena), "c (= 1)");
	CHECK(debian_relations_parse("", &arena, &relations, NULL) == 0 && relations.count == 0);
	arena_done(&arena);
}

TEST(malformed_relations_are_refused)
{
	static const char *const bad[] = {"a (", "a (>=", "a (>= ", "a (>= 1", "a (1)", "a (>= )",
		"|", "a |", ", a", "a b", "a (>= 1) (<< 2)", "a [amd64", "a <x", "A", "a,,b",
		"a:any:b"};
	struct arena arena = {0};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct debian_relations relations;
		struct err err = {0};
		if (!CHECK(debian_relations_parse(bad[i], &arena, &relations, &err) == -1 &&
			    err.status == STATUS_SOURCE)) {
			printf("# accepted: %s\n", bad[i]);
		}
	}
	arena_done(&arena);
}

TEST(an_index_gives_the_latest_version_of_a_package)
{
	struct debian_index index;
	struct err err = {0};

	CHECK_OR_RETURN(parse(STANZA("b", "1", "") STANZA("aa", "9", "") STANZA("b0", "1", ""),
				&index, &err) == -1);
	CHECK_TEXT(err.text, "the stanza at line 1 of the index ('b') has no good Package");
	CHECK_OR_RETURN(parse(STANZA("bb", "9", "") STANZA("aa", "1", "") STANZA("bb", "10", ""),
				&index, NULL) == 0);
	CHECK(index.count == 2);
	CHECK_TEXT(debian_index_find(&index, "bb")->version, "10");
	CHECK(debian_index_find(&index, "bbb") == NULL);
	debian_index_done(&index);
}

TEST(a_folded_field_is_read_as_one_line)
{
	CHECK_RESOLVE(STANZA("aa", "1", "depends: bb,\n cc\n") STANZA("bb", "1", "")
			      STANZA("cc", "1", ""),
		"aa", "", "aa(bb cc) bb() cc()");
}

TEST(a_hostile_index_is_refused_with_a_place)
{
	static const struct {
		const char *text, *complaint;
	} bad[] = {
		{"x", "line 1 of the index: 'Name: value' was expected, not 'x'"},
		{"\n\n: y\n", "line 3 of the index: 'Name: value' was expected, not ''"},
		{" folded\n", "line 1 of the index: 'Name: value' was expected, not ' folded'"},
		{"Package: aa\nPackage: bb\n",
			"line 2 of the index: a second 'Package' in one stanza"},
		{STANZA("../a", "1", ""),
			"the stanza at line 1 of the index ('../a') has no good Package"},
		{STANZA("aa", "", ""),
			"the stanza at line 1 of the index ('aa') has no good Version"},
		{STANZA("aa", "1\"", ""),
			"the stanza at line 1 of the index ('aa') has no good Version"},
		{"Package: aa\nVersion: 1\nArchitecture: arm64\n",
			"the stanza at line 1 of the index ('aa') has no good Architecture"},
		{"Package: aa\nVersion: 1\nArchitecture: all\nFilename: pool/../../x\n",
			"the stanza at line 1 of the index ('aa') has no good Filename"},
		{"Package: aa\nVersion: 1\nArchitecture: all\nFilename: pool/x\nSize: -1\n",
			"the stanza at line 1 of the index ('aa') has no good Size"},
		{"Package: aa\nVersion: 1\nArchitecture: all\nFilename: pool/x\nSize: 1\nSHA256: 00\n",
			"the stanza at line 1 of the index ('aa') has no good SHA256"},
		{STANZA("aa", "1", "Provides: (\n"),
			"'Provides' of 'aa': a relation like 'name (>= 1.0)' was expected at '('"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct debian_index index;
		struct err err = {0};
		CHECK(parse(bad[i].text, &index, &err) == -1 && err.status == STATUS_SOURCE);
		CHECK_TEXT(err.text, bad[i].complaint);
	}
}

TEST(a_field_without_end_is_refused)
{
	struct debian_index index;
	struct err err = {0};
	struct buf text = {0};

	buf_puts(&text, "Package: aa\nDepends: ");
	for (int i = 0; i < (1 << 19) + 1; i++) {
		buf_puts(&text, "a,");
	}
	CHECK(parse(buf_text(&text), &index, &err) == -1);
	CHECK_TEXT(err.text, "line 2 of the index: 'Depends' is longer than 1048576 bytes");
	buf_done(&text);
}

TEST(nul_bytes_in_an_index_are_refused)
{
	struct debian_index index;
	struct err err = {0};
	char text[] = "Package: aa\0\n";

	CHECK(debian_index_parse(text, sizeof(text) - 1, "amd64", &index, &err) == -1);
	CHECK_TEXT(err.text, "the index has NUL bytes in it");
}

TEST(dependencies_of_dependencies_come_along)
{
	CHECK_RESOLVE(STANZA("aa", "1", "Depends: bb\n") STANZA("bb", "1", "Pre-Depends: cc\n")
			      STANZA("cc", "1", "Recommends: dd\n")
				      STANZA("dd", "1", "Essential: yes\n"),
		"aa", "", "aa(bb) bb(cc) cc()");
}

TEST(a_cycle_of_dependencies_ends)
{
	CHECK_RESOLVE(STANZA("aa", "1", "Depends: bb, aa\n") STANZA("bb", "1", "Depends: aa\n"),
		"aa", "", "aa(bb) bb(aa)");
}

TEST(the_first_alternative_that_can_be_had_is_taken)
{
	CHECK_RESOLVE(STANZA("aa", "1", "Depends: gone | bb (>= 2) | cc | dd\n")
			      STANZA("bb", "1", "") STANZA("cc", "1", "") STANZA("dd", "1", ""),
		"aa", "", "aa(cc) cc()");
}

TEST(an_alternative_that_is_there_already_is_kept)
{
	CHECK_RESOLVE(STANZA("aa", "1", "Depends: bb | cc\n") STANZA("bb", "1", "")
			      STANZA("cc", "1", ""),
		"aa cc", "", "aa(cc) cc()");
}

TEST(a_virtual_package_is_provided_by_priority_then_by_name)
{
	CHECK_RESOLVE(STANZA("aa", "1", "Depends: awk\n") STANZA("bb", "1", "Provides: awk\n")
			      STANZA("cc", "1", "Provides: awk\nPriority: required\n")
				      STANZA("dd", "1", "Provides: awk\nPriority: required\n"),
		"aa", "", "aa(cc) cc()");
}

TEST(only_a_versioned_provides_satisfies_a_versioned_relation)
{
	CHECK_RESOLVE(STANZA("aa", "1", "Depends: vv (>= 2)\n") STANZA("bb", "1", "Provides: vv\n")
			      STANZA("cc", "1", "Provides: vv (= 1)\n")
				      STANZA("dd", "1", "Provides: vv (= 3)\n"),
		"aa", "", "aa(dd) dd()");
}

TEST(what_is_assumed_is_never_installed)
{
	CHECK_RESOLVE(STANZA("aa", "1", "Depends: debconf (>= 9) | cc\n") STANZA("cc", "1", "")
			      STANZA("debconf", "1", ""),
		"aa", "debconf", "aa()");
	CHECK_RESOLVE(STANZA("aa", "1", "Depends: debconf-2.0\n")
			      STANZA("debconf", "1", "Provides: debconf-2.0\n"),
		"aa", "debconf", "aa()");
	CHECK_RESOLVE(STANZA("debconf", "1", ""), "debconf", "debconf",
		"'debconf' is both wanted and assumed: it cannot be installed and left out");
}

TEST(what_cannot_be_had_is_named_with_who_needs_it)
{
	CHECK_RESOLVE(STANZA("aa", "1", "Depends: bb\n")
			      STANZA("bb", "1", "Depends: cc (>= 2) | dd\n") STANZA("cc", "1", ""),
		"aa", "",
		"nothing in s/c satisfies 'cc (>= 2) | dd', needed by 'bb', needed by 'aa'\n"
		"if the base can do without it, name it in the lock's \"assumed\"");
	CHECK_RESOLVE(STANZA("mawk", "1", "Provides: awk\n"), "awk", "",
		"there is no package 'awk' in s/c for amd64\n'mawk' provides it: name that");
}

TEST(packages_that_refuse_each_other_are_named)
{
	CHECK_RESOLVE(STANZA("aa", "1", "Conflicts: bb (<< 2)\n") STANZA("bb", "1", ""), "aa bb",
		"", "'aa' and 'bb' cannot stand in one base: Conflicts of 'aa' says 'bb (<< 2)'");
	CHECK_RESOLVE(STANZA("aa", "1", "Breaks: bb (<< 1)\n") STANZA("bb", "1", ""), "aa bb", "",
		"aa() bb()");
	CHECK_RESOLVE(STANZA("aa", "1", "Provides: vv\nConflicts: vv\n"), "aa", "", "aa()");
}

static const char good_lock[] = "{\n"
				"  \"architecture\": \"amd64\",\n"
				"  \"assumed\": [],\n"
				"  \"component\": \"main\",\n"
				"  \"packages\": {\n"
				"    \"aa\": {\n"
				"      \"depends\": [\"bb\", \"cc\"],\n"
				"      \"path\": \"pool/a\",\n"
				"      \"sha256\": \"00000000000000000000000000000000"
				"000000000000000000000000000000ab\",\n"
				"      \"size\": 5,\n"
				"      \"version\": \"1:1\"\n"
				"    },\n"
				"    \"bb\": {\n"
				"      \"depends\": [],\n"
				"      \"path\": \"pool/b\",\n"
				"      \"sha256\": \"00000000000000000000000000000000"
				"000000000000000000000000000000ac\",\n"
				"      \"size\": 5,\n"
				"      \"version\": \"1\"\n"
				"    },\n"
				"    \"cc\": {\n"
				"      \"depends\": [\"aa\"],\n"
				"      \"path\": \"pool/c\",\n"
				"      \"sha256\": \"00000000000000000000000000000000"
				"000000000000000000000000000000ad\",\n"
				"      \"size\": 0,\n"
				"      \"version\": \"1\"\n"
				"    }\n"
				"  },\n"
				"  \"suite\": \"bookworm\",\n"
				"  \"version\": 1,\n"
				"  \"wanted\": [\n"
				"    \"aa\"\n"
				"  ]\n"
				"}\n";

TEST(a_lock_prints_as_it_was_parsed)
{
	struct debian_lock lock;
	struct buf text = {0};

	CHECK_OR_RETURN(debian_lock_parse(good_lock, strlen(good_lock), &lock, NULL) == 0);
	debian_lock_print(&lock, &text);
	CHECK_TEXT(buf_text(&text), good_lock);
	buf_done(&text);
	debian_lock_done(&lock);
}

TEST(a_lock_with_one_wrong_byte_is_refused)
{
	static const struct {
		const char *from, *to, *complaint;
	} bad[] = {
		{"\"version\": 1,", "\"version\": 2,", "\"version\" should be 1"},
		{"\"bb\": {", "\"bx\": {", "'aa' depends on 'bb', which is not in \"packages\""},
		{"    \"aa\"\n", "    \"zz\"\n", "'zz' is wanted and not in \"packages\""},
		{"pool/a", "/etc/a",
			"package 'aa': \"path\" should be a path that begins with pool/"},
		{"\"size\": 5", "\"size\": \"\"",
			"package 'aa': \"size\" should be a number of bytes"},
		{"0ab\"", "0aB\"", "package 'aa': \"sha256\" should be 64 lower-case hex digits"},
		{"\"bookworm\"", "\"book/orm\"",
			"\"suite\" should be a word of lower-case letters and digits"},
		{"\"assumed\": []", "\"assumed\": 12",
			"\"assumed\" should be a list of package names"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct debian_lock lock;
		struct err err = {0};
		cleanup_free char *text = mem_strdup(good_lock);
		char *at = strstr(text, bad[i].from);
		CHECK_OR_RETURN(at != NULL);
		cleanup_free char *rest = mem_strdup(at + strlen(bad[i].from));
		*at = '\0';
		cleanup_free char *changed = mem_printf("%s%s%s", text, bad[i].to, rest);
		CHECK(debian_lock_parse(changed, strlen(changed), &lock, &err) == -1);
		CHECK_TEXT(err.text, bad[i].complaint);
		CHECK(err.status == STATUS_RECIPE);
	}
}

TEST(the_difference_of_two_locks_is_told_line_by_line)
{
	struct debian_pin before[] = {{.name = "aa", .version = "1"},
		{.name = "bb", .version = "1"}, {.name = "cc", .version = "1"}};
	struct debian_pin after[] = {{.name = "bb", .version = "2"},
		{.name = "cc", .version = "1", .sha256 = {{1}}}, {.name = "dd", .version = "1"}};
	struct debian_lock old = {.pins = before, .count = 3}, now = {.pins = after, .count = 3};
	struct buf text = {0};

	CHECK(debian_lock_diff(&old, &now, &text) == 4);
	CHECK_TEXT(buf_text(&text), "- aa 1\n~ bb 1 -> 2\n~ cc 1 (other bytes)\n+ dd 1\n");
	buf_done(&text);
	buf_puts(&text, "");
	CHECK(debian_lock_diff(&now, &now, &text) == 0);
	buf_done(&text);
}

/* The lock that comes with brun; the test's second source of truth is the parser's own check. */
TEST(the_committed_lock_is_closed_and_canonical)
{
	struct debian_lock lock;
	struct buf file = {0}, text = {0};
	struct err err = {0};

	CHECK_OR_RETURN(fs_read_at(AT_FDCWD, BRUN_LOCK, 16 << 20, &file, &err) == 0);
	if (!CHECK(debian_lock_parse(buf_text(&file), file.length, &lock, &err) == 0)) {
		printf("# %s\n", err.text);
		return;
	}
	debian_lock_print(&lock, &text);
	CHECK_TEXT(buf_text(&text), buf_text(&file));
	CHECK_TEXT(lock.suite, "bookworm");
	CHECK(lock.count > 100 && debian_names_has(&lock.wanted, "gcc"));
	for (size_t i = 0; i < lock.count; i++) {
		CHECK(!debian_names_has(&lock.assumed, lock.pins[i].name));
	}
	buf_done(&file);
	buf_done(&text);
	debian_lock_done(&lock);
}

static const char release[] =
	"Origin: Debian\nSuite: oldstable\nCodename: bookworm\n"
	"Architectures: all amd64\nComponents: main contrib\nMD5Sum:\n"
	" 00 5 main/binary-amd64/Packages.xz\nSHA256:\n"
	" 00000000000000000000000000000000000000000000000000000000000000ab  7 main/a\n"
	" 00000000000000000000000000000000000000000000000000000000000000ac       123 "
	"main/binary-amd64/Packages.xz\n"
	"Other: x\n"
	" 00000000000000000000000000000000000000000000000000000000000000ad 9 other/b\n";

TEST(a_release_tells_the_hash_of_an_index)
{
	struct digest sha256;
	uint64_t size = 0;
	struct err err = {0};
	char hex[DIGEST_HEX];

	CHECK(debian_release_find(release, "main/binary-amd64/Packages.xz", &sha256, &size, NULL) ==
		0);
	CHECK_TEXT(digest_hex(&sha256, hex),
		"00000000000000000000000000000000000000000000000000000000000000ac");
	CHECK(size == 123);
	CHECK(debian_release_find(release, "other/b", &sha256, &size, &err) == -1);
	CHECK(debian_release_find(release, "main", &sha256, &size, &err) == -1);
	CHECK(debian_release_find("Suite: x\n", "main/a", &sha256, &size, &err) == -1);
	CHECK_TEXT(err.text, "the archive's InRelease lists no 'main/a'");
}

TEST(a_release_of_another_suite_is_refused)
{
	struct err err = {0};

	CHECK(debian_release_check(release, "bookworm", "main", "amd64", NULL) == 0);
	CHECK(debian_release_check(release, "oldstable", "main", "amd64", NULL) == 0);
	CHECK(debian_release_check(release, "bookwor", "main", "amd64", &err) == -1);
	CHECK(debian_release_check(release, "bookworm", "non-free", "amd64", &err) == -1);
	CHECK(debian_release_check(release, "bookworm", "main", "s390x", &err) == -1);
	CHECK_TEXT(err.text, "suite 'bookworm' is not there for 's390x'");
}

TEST(stripping_takes_only_what_was_signed)
{
	struct buf text = {0};
	struct err err = {0};

	CHECK(debian_release_strip("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nSuite: x\n"
				   "- -dashed\n-----BEGIN PGP SIGNATURE-----\n\nSuite: y\n",
		      &text, NULL) == 0);
	CHECK_TEXT(buf_text(&text), "Suite: x\n-dashed\n");
	buf_done(&text);
	CHECK(debian_release_strip("Suite: x\n", &text, &err) == -1);
	CHECK_TEXT(err.text, "InRelease is not a clear-signed text");
	buf_done(&text);
}
