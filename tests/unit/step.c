/* SPDX-License-Identifier: MIT */
#include "step.h"

#include "build/limit.h"
#include "build/outcome.h"
#include "build_room.h"
#include "store/store_log.h"

#include <signal.h>

#include "test.h"

#define ROOM(room)                                                                                 \
	struct room room;                                                                          \
	struct err err = {0};                                                                      \
	if (sandbox_probe(&err) < 0) {                                                             \
		SKIP("this host refuses the sandbox");                                             \
	}                                                                                          \
	room_open(&room)

#define ONE(script)	       PLAN(STEP("x", script), 1)
#define ONE_WITH(script, more) PLAN(STEP_OF("x", , script, more), 1)

static char *
replaced(char *text, const char *from, const char *until, const char *by)
{
	char *start = strstr(text, from);
	char *end = start ? strstr(start + strlen(from), until) : NULL;

	return end ? mem_printf("%.*s%s%s%s", (int)(start - text), text, from, by, end)
		   : mem_strdup(text);
}

/* Numbers and their units, in the line's order. */
static bool
has_figures(const char *text)
{
	static const char *const words[] = {
		": wall ", ", user ", ", system ", ", memory ", " at most, written "};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		text = strstr(text, words[i]);
		if (!text || !strchr("0123456789", text[strlen(words[i])])) {
			return false;
		}
		text += strlen(words[i]);
	}
	return true;
}

/* The report of a failing plan with its time and key taken out; the caller frees. */
static char *
report_of(struct room *room, const char *plan, enum status status)
{
	struct digest id;
	struct err err = {0};

	CHECK(room_build(room, plan, &id, &err) < 0);
	CHECK(err.status == status);
	cleanup_free char *untimed = replaced(err.text, " after ", " s", "N.N");
	cleanup_free char *timeless = replaced(untimed, ": wall ", "\n", "and so on");
	CHECK(strstr(err.text, ": wall ") == NULL || has_figures(err.text));
	char *log = strstr(timeless, "brun log ");
	if (log && CHECK(strspn(log + 9, "0123456789abcdef") == 16)) {
		memcpy(log + 9, "0123456789abcdef", 16);
	}
	return steal(timeless);
}

/* What the one step of a plan printed; the caller frees. */
static char *
printed(struct room *room, const char *plan)
{
	struct digest id;
	struct err err = {0};

	room_forget(room);
	if (!CHECK(room_build(room, plan, &id, &err) == 0)) {
		printf("# %s\n", err.text);
	}
	return buf_take(&room->output);
}

TEST(a_failure_report_says_what_where_and_what_next)
{
	ROOM(room);

	cleanup_free char *text = report_of(
		&room, ONE("seq 1 30; printf 'bad \\\\033[31mnews'; exit 3"), STATUS_STEP);
	CHECK_TEXT(text,
		"step 'x' failed after N.N s with exit status 3\n"
		"  step 2 of 2: wall and so on\n"
		"  defined at x.lua:7\n"
		"  the last lines of its log:\n"
		"  | 12\n  | 13\n  | 14\n  | 15\n  | 16\n  | 17\n  | 18\n  | 19\n  | 20\n  | 21\n"
		"  | 22\n  | 23\n  | 24\n  | 25\n  | 26\n  | 27\n  | 28\n  | 29\n  | 30\n  | bad news\n"
		"  its whole log: brun log 0123456789abcdef");
	room_close(&room);
}

TEST(a_failure_report_ends_with_commands_to_be_pasted)
{
	ROOM(room);

	room.options.recipe = "it's/my recipe.lua:dev";
	cleanup_free char *text = report_of(&room, ONE("exit 1"), STATUS_STEP);
	CHECK(strstr(text,
		"\n  to go on where it failed: brun build -K 'it'\\''s/my recipe.lua:dev'; "
		"brun shell --failed 'it'\\''s/my recipe.lua:dev'"));
	room.options.keep_failed = true;
	cleanup_free char *kept = report_of(&room, ONE("exit 1"), STATUS_STEP);
	CHECK(strstr(
		kept, "\n  to go on in there: brun shell --failed 'it'\\''s/my recipe.lua:dev'"));
	room_close(&room);
}

TEST(a_failure_without_a_word_says_that_too)
{
	ROOM(room);

	cleanup_free char *text = report_of(&room, ONE("false; echo not reached"), STATUS_STEP);
	CHECK_TEXT(text, "step 'x' failed after N.N s with exit status 1\n"
			 "  step 2 of 2: wall and so on\n"
			 "  defined at x.lua:7\n"
			 "  its log is empty\n"
			 "  its whole log: brun log 0123456789abcdef");
	room_close(&room);
}

TEST(the_log_of_a_failed_step_is_kept_whole)
{
	ROOM(room);
	struct digest key;
	struct plan plan;
	static const char text[] = ONE("seq 1 100; exit 3");
	cleanup_buf struct buf log = {0};
	cleanup_buf struct buf expected = {0};

	cleanup_free char *report = report_of(&room, text, STATUS_STEP);
	CHECK_OR_RETURN(plan_parse(text, strlen(text), &plan, &err) == 0);
	key = plan_key(&plan.actions[1], &room.base, NULL);
	plan_done(&plan);
	cleanup_free char *path = store_log_path(room.store, &key);
	CHECK(fs_read_at(AT_FDCWD, path, 1 << 20, &log, &err) == 0);
	for (int i = 1; i <= 100; i++) {
		buf_printf(&expected, "%d\n", i);
	}
	CHECK_TEXT(buf_text(&log), buf_text(&expected));
	CHECK_TEXT(buf_text(&room.output), buf_text(&expected));
	room_close(&room);
}

TEST(what_is_installed_outside_of_the_prefix_is_named)
{
	ROOM(room);

	cleanup_free char *text = report_of(&room,
		ONE("mkdir -p $DESTDIR/etc/x $DESTDIR/usr/empty; touch $DESTDIR/etc/x/stray; "
		    "ln -s / $DESTDIR/root; chmod 0 $DESTDIR/etc; " INSTALL("x", "1")),
		STATUS_STEP);
	CHECK(strncmp(text,
		      "step 'x' installed outside of its prefix:\n"
		      "  /dest/etc/x/stray\n  /dest/root\n  /dest/usr/empty\n",
		      88) == 0);
	CHECK(strstr(text, "below $DESTDIR$PREFIX (/dest/brun)"));
	room_close(&room);
}

TEST(a_step_that_installs_nothing_has_failed)
{
	ROOM(room);

	cleanup_free char *nothing = report_of(&room, ONE("true"), STATUS_STEP);
	CHECK(strstr(nothing, "step 'x' succeeded but installed nothing\n"));
	cleanup_free char *gone = report_of(
		&room, ONE("rm -r $DESTDIR$PREFIX; ln -s / $DESTDIR$PREFIX"), STATUS_STEP);
	CHECK(strstr(gone, "step 'x' left no directory at /dest/brun: Not a directory"));
	room_close(&room);
}

TEST(modes_that_keep_us_out_do_not)
{
	ROOM(room);

	cleanup_free char *text = printed(&room,
		ONE("mkdir $DESTDIR$PREFIX/a; " INSTALL("a/x",
			"1") "; "
			     "chmod 0 $DESTDIR$PREFIX/a/x $DESTDIR$PREFIX/a $DESTDIR$PREFIX $DESTDIR"));
	CHECK_TEXT(text, "");
	room_close(&room);
}

TEST(an_output_with_a_fifo_is_an_error_that_names_it)
{
	ROOM(room);

	cleanup_free char *text = report_of(&room, ONE("mkfifo $DESTDIR$PREFIX/fifo"), STATUS_STEP);
	CHECK(strstr(text, "fifo"));
	room_close(&room);
}

TEST(a_step_is_given_this_environment_and_no_other)
{
	ROOM(room);

	setenv("SECRET", "of the caller", 1);
	cleanup_free char *text =
		printed(&room, ONE_WITH("env | sort; " INSTALL("x", "1"),
				       ",\"env\":{\"CFLAGS\":\"-O2\",\"TZ\":\"CET\"}"));
	CHECK_TEXT(text, "ACLOCAL_PATH=/brun/share/aclocal\n"
			 "CFLAGS=-O2\n"
			 "CMAKE_PREFIX_PATH=/brun\n"
			 "CPATH=/brun/include\n"
			 "DESTDIR=/dest\n"
			 "HOME=/build/home\n"
			 "JOBS=2\n"
			 "LC_ALL=C.UTF-8\n"
			 "LD_RUN_PATH=/brun/lib\n"
			 "LIBRARY_PATH=/brun/lib\n"
			 "PATH=/brun/bin:/brun/sbin:/usr/sbin:/usr/bin:/sbin:/bin\n"
			 "PKG_CONFIG_PATH=/brun/lib/pkgconfig:/brun/share/pkgconfig\n"
			 "PREFIX=/brun\n"
			 "PWD=/build/source\n"
			 "SOURCE_DATE_EPOCH=946684800\n"
			 "TERM=dumb\n"
			 "TZ=CET\n");
	room_close(&room);
}

TEST(a_step_sees_this_root_and_no_other)
{
	ROOM(room);

	cleanup_free char *text = printed(&room, ONE("ls /; cat /etc/name; " INSTALL("x", "1")));
	CHECK_TEXT(text, "bin\nbrun\nbuild\ndest\ndev\netc\nlib\nlib64\nproc\nscript\nsys\ntmp\n"
			 "usr\nbase\n");
	room_close(&room);
}

TEST(inputs_can_not_be_written)
{
	ROOM(room);

	cleanup_free char *text = printed(&room,
		ONE("for place in /usr/bin/new /etc/new /new /brun/new /script; do "
		    "if echo x 2>/dev/null >$place; then echo wrote $place; fi; done 2>/dev/null; "
		    "for place in /build/new /tmp/new /dev/shm/new $HOME/new new; do "
		    "echo x >$place; done; echo end; " INSTALL("x", "1")));
	CHECK_TEXT(text, "end\n");
	room_close(&room);
}

TEST(the_source_is_a_writable_copy)
{
	static const char plan[] =
		PLAN("{\"kind\":\"file\",\"path\":\"a/b\",\"text\":\"1\\n\"}," STEP_OF("x",
			     ",[\"src\",1]", "cat a/b; echo 2 >>a/b; cat a/b >$DESTDIR$PREFIX/b", ),
			2);
	ROOM(room);

	cleanup_free char *first = printed(&room, plan);
	CHECK_TEXT(first, "1\n");
	room_close(&room);
}

TEST(a_prefix_is_laid_out_where_it_says)
{
	static const char plan[] = PLAN(
		"{\"kind\":\"file\",\"path\":\"bin/tool\",\"text\":\"#!/bin/sh\\necho tool\\n\","
		"\"executable\":true}," STEP_OF(
			"x", ",[\"prefix\",1]", "tool; " INSTALL("x", "1"), ),
		2);
	ROOM(room);

	cleanup_free char *text = printed(&room, plan);
	CHECK_TEXT(text, "tool\n");
	room_close(&room);
}

TEST(a_step_with_a_network_has_the_hosts_resolv_conf)
{
	ROOM(room);
	struct digest id;
	cleanup_buf struct buf host = {0};
	static const char plan[] = ONE_WITH("cat /etc/name /etc/resolv.conf; " INSTALL("x", "1"),
		",\"network\":true,\"output\":"
		"\"abababababababababababababababababababababababababababababababab\"");

	buf_puts(&host, "base\n");
	fs_read_at(AT_FDCWD, "/etc/resolv.conf", 65536, &host, NULL);
	CHECK(room_build(&room, plan, &id, &err) < 0);
	CHECK_TEXT(buf_text(&room.output), buf_text(&host));
	room_close(&room);
}

TEST(a_declared_output_that_differs_shows_both_hashes)
{
	ROOM(room);
	struct digest wanted;
	char hex[DIGEST_HEX];

	CHECK(room_build(&room, ONE(INSTALL("x", "1")), &wanted, &err) == 0);
	cleanup_free char *text = report_of(&room,
		ONE_WITH(INSTALL("x", "1"),
			",\"output\":"
			"\"abababababababababababababababababababababababababababababababab\""),
		STATUS_HASH);
	cleanup_free char *got = mem_printf("  got      %s\n", digest_hex(&wanted, hex));
	CHECK(strstr(
		text, "  expected abababababababababababababababababababababababababababababab"));
	CHECK(strstr(text, got));
	room_close(&room);
}

TEST(a_kept_directory_is_private_and_shows_what_was_there)
{
	ROOM(room);
	struct stat st;

	room.options.keep_failed = true;
	cleanup_free char *report =
		report_of(&room, ONE("echo evidence >/build/evidence; exit 1"), STATUS_STEP);
	char *path = strstr(report, "its directory is kept: ");
	CHECK_OR_RETURN(path);
	path += strlen("its directory is kept: ");
	CHECK(strstr(path, "/failed/"));
	CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0700);
	cleanup_free char *file = mem_printf("%s/build/evidence", path);
	CHECK(access(file, R_OK) == 0);
	cleanup_free char *again =
		report_of(&room, ONE("echo evidence >/build/evidence; exit 1"), STATUS_STEP);
	CHECK(strstr(again, "its directory is kept: "));
	room_close(&room);
}

TEST(without_K_nothing_of_a_failed_step_is_left)
{
	ROOM(room);

	cleanup_free char *report = report_of(
		&room, ONE("mkdir -p a/b; chmod 0 a; chmod 0 /build/home; exit 1"), STATUS_STEP);
	cleanup_free char *command = mem_printf(
		"cd %s && test -z \"$(ls -A tmp)$(ls -A failed)\"", store_path(room.store));
	CHECK(system(command) == 0);
	room_close(&room);
}

TEST(a_step_over_its_time_is_stopped)
{
	ROOM(room);

	cleanup_free char *text = report_of(&room,
		ONE_WITH("echo begun; sleep 1000", ",\"limits\":{\"time\":1}"), STATUS_LIMIT);
	CHECK_TEXT(text,
		"step 'x' was stopped after N.N s: it ran for longer than 1 s\n"
		"  to raise that limit: --limit time=SECONDS, or the field 'limits' in the recipe\n"
		"  step 2 of 2: wall and so on\n"
		"  defined at x.lua:7\n"
		"  the last lines of its log:\n"
		"  | begun\n"
		"  its whole log: brun log 0123456789abcdef");
	room_close(&room);
}

TEST(a_step_that_prints_too_much_is_stopped)
{
	ROOM(room);

	cleanup_free char *text = report_of(
		&room, ONE_WITH("seq 1 100000000", ",\"limits\":{\"log\":10000}"), STATUS_LIMIT);
	CHECK(strstr(text, "it printed more than 10.0 kB\n"));
	room_close(&room);
}

static void
check_outcome(enum sandbox_outcome outcome, enum status status, const char *expected)
{
	struct err err = {0};
	struct sandbox_limits limits;
	struct action action = {.kind = ACTION_RUN, .name = "x", .where = ""};
	struct sandbox_result result = {.outcome = outcome, .signal = SIGSEGV, .wall_ms = 61000};

	action.run.limits.memory_bytes = 1000000;
	limit_of(&action, NULL, &limits);
	CHECK(outcome_check(&action, &result, &limits, &err) == -1);
	CHECK(err.status == status);
	CHECK_TEXT(err.text, expected);
}

TEST(each_limit_has_its_own_message)
{
	check_outcome(SANDBOX_WALL, STATUS_LIMIT,
		"step 'x' was stopped after 1 min 01 s: it ran for longer than 14400 s\n"
		"  to raise that limit: --limit time=SECONDS, or the field 'limits' in the recipe");
	check_outcome(SANDBOX_SILENCE, STATUS_LIMIT,
		"step 'x' was stopped after 1 min 01 s: it printed nothing for 3600 s\n"
		"  to raise that limit: --limit silence=SECONDS, or the field 'limits' in the recipe");
	check_outcome(SANDBOX_LOG, STATUS_LIMIT,
		"step 'x' was stopped after 1 min 01 s: it printed more than 268.4 MB\n"
		"  to raise that limit: --limit log=BYTES, or the field 'limits' in the recipe");
	check_outcome(SANDBOX_MEMORY, STATUS_LIMIT,
		"step 'x' was stopped after 1 min 01 s: it took more memory than 1.0 MB\n"
		"  to raise that limit: --limit memory=BYTES, or the field 'limits' in the recipe");
	check_outcome(SANDBOX_DISK, STATUS_LIMIT,
		"step 'x' was stopped after 1 min 01 s: it wrote more to disk than 68.7 GB\n"
		"  to raise that limit: --limit disk=BYTES, or the field 'limits' in the recipe");
	check_outcome(SANDBOX_PROCESSES, STATUS_LIMIT,
		"step 'x' was stopped after 1 min 01 s: it had more than 16384 processes and threads "
		"at once\n"
		"  to raise that limit: --limit processes=NUMBER, or the field 'limits' in the recipe");
	check_outcome(SANDBOX_SIGNALLED, STATUS_STEP,
		"step 'x' failed after 1 min 01 s with signal 11 (Segmentation fault)");
	check_outcome(SANDBOX_CANCELLED, STATUS_INTERRUPTED, "interrupted");
}

/* Tests of packed outputs: the output is a tree with the probe in its bin/. */
static bool
put_probe(struct room *room, struct digest *ret_id)
{
	static const struct tree_import all = {0};
	struct store_tmp tmp;
	struct tree tree = {0};
	struct err err = {0};
	cleanup_buf struct buf program = {0};

	CHECK(fs_read_at(AT_FDCWD, STEP_PROBE, 16 << 20, &program, &err) == 0);
	CHECK(store_tmp_new(room->store, &tmp, &err) == 0);
	CHECK(fs_mkdirs_at(tmp.fd, "from/bin", 0755, &err) == 0);
	CHECK(fs_mkdirs_at(tmp.fd, "tree", 0755, &err) == 0);
	CHECK(fs_create_at(tmp.fd, "from/bin/probe", 0755, program.data, program.length, &err) ==
		0);
	cleanup_fd int from = fs_open_dir(tmp.fd, "from", &err);
	cleanup_fd int to = fs_open_dir(tmp.fd, "tree", &err);
	bool is_good = tree_import(from, to, &all, &tree, &err) == 0 &&
		       store_put_tree(room->store, &tmp, "tree", &tree, &err) == 0;
	*ret_id = tree.id;
	tree_done(&tree);
	store_tmp_free(room->store, &tmp);
	return is_good;
}

/* A plan whose action 0 has made the probe's tree, and 1 tests it. */
#define TEST_OF(steps)                                                                             \
	"{\"version\":1,\"actions\":[" BASE ",{\"kind\":\"test\",\"name\":\"x\",\"where\":"        \
	"\"x.lua:9\",\"inputs\":[[\"tree\",0]],\"steps\":[" steps                                  \
	"]}],\"outputs\":{\"default\":1}}"

static void
passes(const char *plan)
{
	ROOM(room);
	struct digest id, output;

	CHECK_OR_RETURN(put_probe(&room, &output));
	room.base = output;
	if (CHECK(room_build(&room, plan, &id, &err) == 0)) {
		CHECK(digest_equal(&id, &output));
	} else {
		printf("# %s\n", err.text);
	}
	room_close(&room);
}

static void
fails(const char *plan, enum status status, const char *expected)
{
	ROOM(room);
	struct digest output;

	CHECK_OR_RETURN(put_probe(&room, &output));
	room.base = output;
	cleanup_free char *text = report_of(&room, plan, status);
	CHECK_TEXT(text, expected);
	room_close(&room);
}

TEST(a_test_that_passes_gives_its_input)
{
	passes(TEST_OF("{\"argv\":[\"probe\"],\"match\":\"hello from /output/bin/probe\"},"
		       "{\"argv\":[\"probe\",\"exit\",\"7\"],\"exit\":7}"));
}

TEST(a_test_sees_the_output_and_nothing_else)
{
	passes(TEST_OF(
		"{\"argv\":[\"probe\",\"list\",\"/output\"],\"match\":\"<bin>\"},"
		"{\"argv\":[\"probe\",\"env\",\"SECRET\"],\"match\":\"(unset)\"},"
		"{\"argv\":[\"probe\",\"env\",\"A\"],\"match\":\"A=b\",\"env\":{\"A\":\"b\"}},"
		"{\"argv\":[\"probe\",\"remove\",\"/output/bin/probe\"],"
		"\"match\":\"Read-only file system\"}"));
	fails(TEST_OF("{\"argv\":[\"probe\",\"list\",\"/\"],\"match\":\"<etc>\"}"), STATUS_STEP,
		"test 'x' failed: probe list /\n"
		"  expected exit status 0 and output with \"<etc>\"\n"
		"  got      exit status 0 and output without it\n"
		"  step 2 of 2: wall and so on\n"
		"  defined at x.lua:9\n"
		"  the last lines of its log:\n"
		"  | $ probe list /\n"
		"  | <tmp>\n"
		"  | <dev>\n"
		"  | <proc>\n"
		"  | <output>\n"
		"  its whole log: brun log 0123456789abcdef");
}

TEST(a_test_that_fails_shows_expected_and_got)
{
	fails(TEST_OF("{\"argv\":[\"probe\"]},{\"argv\":[\"probe\",\"exit\",\"7\"]}"), STATUS_STEP,
		"test 'x' failed: probe exit 7\n"
		"  expected exit status 0\n"
		"  got      exit status 7\n"
		"  step 2 of 2: wall and so on\n"
		"  defined at x.lua:9\n"
		"  the last lines of its log:\n"
		"  | $ probe\n"
		"  | hello from /output/bin/probe\n"
		"  | $ probe exit 7\n"
		"  its whole log: brun log 0123456789abcdef");
	fails(TEST_OF("{\"argv\":[\"probe\",\"abort\"],\"exit\":6}"), STATUS_STEP,
		"test 'x' failed: probe abort\n"
		"  expected exit status 6\n"
		"  got      signal 6 (Aborted)\n"
		"  step 2 of 2: wall and so on\n"
		"  defined at x.lua:9\n"
		"  the last lines of its log:\n"
		"  | $ probe abort\n"
		"  its whole log: brun log 0123456789abcdef");
}

TEST(a_test_of_a_program_that_is_not_there_names_it)
{
	ROOM(room);
	struct digest output;

	CHECK_OR_RETURN(put_probe(&room, &output));
	room.base = output;
	cleanup_free char *text =
		report_of(&room, TEST_OF("{\"argv\":[\"nothing\"]}"), STATUS_STEP);
	CHECK(strstr(text, "/output/bin/nothing") && strstr(text, "test 'x'"));
	room_close(&room);
}
