/* SPDX-License-Identifier: MIT */
#include "progress/progress.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "build/build.h"
#include "build/figures.h"
#include "launcher/pack.h"
#include "plan/plan.h"
#include "progress/board.h"
#include "progress/footer.h"
#include "progress/progress_json.h"
#include "screen.h"
#include "text/amount.h"
#include "text/elapsed.h"
#include "text/logtext.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "test.h"

static const char *const urls[] = {"https://example.org/src/zlib-1.3.1.tar.gz", NULL};

static struct action actions[] = {
	{.kind = ACTION_FETCH, .name = "", .where = "", .fetch = {.urls = urls}},
	{.kind = ACTION_UNPACK, .name = "", .where = ""},
	{.kind = ACTION_RUN, .name = "zlib-1.3.1", .where = "zlib.lua:7"},
	{.kind = ACTION_RUN, .name = "curl\033[2J\n8", .where = "curl.lua:14"},
};

static const struct plan plan = {.actions = actions, .action_count = 4};

static const struct digest key = {{0xab, 0xcd}};

static struct build_event
event(enum build_event_kind kind, size_t action)
{
	return (struct build_event){.kind = kind, .action = action};
}

/* A build in which everything happens. */
static void
play(struct progress *progress)
{
	static const char log[] = "checking for gcc... \033[1myes\033[0m\nchecking \"\377\"";
	static const struct step_figures figures = {754000, 800000, 20000, 1 << 20, 5000};
	struct err err = {0};

	err_fail(&err, STATUS_STEP, "step 'zlib' failed after 2.0 s with exit status 3");
	err_hint(&err, "  defined at zlib.lua:7");
	const struct build_event events[] = {
		{.kind = BUILD_PLANNED, .action = 3, .count = 4},
		{.kind = BUILD_STARTED, .action = 0},
		{.kind = BUILD_PROGRESS, .action = 0, .count = 512000, .total = 1500000},
		{.kind = BUILD_PROGRESS, .action = 0, .count = 1500000, .total = 1500000},
		{.kind = BUILD_DONE, .action = 0, .wall_ms = 1500},
		{.kind = BUILD_STARTED, .action = 1, .key = &key},
		{.kind = BUILD_DONE, .action = 1, .key = &key, .wall_ms = 20},
		{.kind = BUILD_WAITING, .action = 3, .key = &key, .count = 77},
		{.kind = BUILD_STARTED, .action = 2, .key = &key},
		{.kind = BUILD_OUTPUT,
			.action = 2,
			.key = &key,
			.text = log,
			.length = sizeof(log) - 1},
		{.kind = BUILD_FAILED, .action = 2, .key = &key, .wall_ms = 2000, .err = &err},
		{.kind = BUILD_STARTED, .action = 3, .key = &key},
		{.kind = BUILD_DONE,
			.action = 3,
			.key = &key,
			.wall_ms = 754000,
			.figures = &figures},
	};
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		progress_event(progress, &events[i]);
	}
}

/* What a display of that mode writes for a list of events; the caller frees. */
static char *
shown(enum progress_mode mode, const char *color, void (*events)(struct progress *))
{
	struct buf text = {0};
	cleanup_fd int fd = memfd_create("shown", MFD_CLOEXEC);
	struct progress *progress = progress_new(&plan, fd, mode, color);

	events(progress);
	progress_free(progress);
	lseek(fd, 0, SEEK_SET);
	CHECK(fs_read_all(fd, 1 << 20, &text, NULL) == 0);
	return buf_take(&text);
}

/* The last line's time is the machine's own. */
static char *
without_total_time(char *text)
{
	char *last = strstr(text, " in ");

	if (last) {
		strcpy(last, " in TIME\n");
	}
	return text;
}

TEST(a_pipe_gets_one_line_a_change_of_state)
{
	cleanup_free char *text = shown(PROGRESS_PIPE, "auto", play);

	CHECK_TEXT(without_total_time(text), "fetched zlib-1.3.1.tar.gz, 1.5 MB, 1.5 s\n"
					     "waiting for curl 8: process 77 does it\n"
					     "building zlib-1.3.1\n"
					     "failed zlib-1.3.1, 2.0 s\n"
					     "building curl 8\n"
					     "built curl 8, 12 min 34 s\n"
					     "2 done, 1 fetched (1.5 MB), 1 failed in TIME\n");
}

TEST(json_is_one_event_a_line)
{
	cleanup_free char *text = shown(PROGRESS_JSON, "auto", play);
	const char *const key_text =
		"abcd000000000000000000000000000000000000000000000000000000000000";
	cleanup_free char *expected = mem_printf(
		"{\"event\":\"planned\",\"action\":3,\"kind\":\"run\",\"name\":\"curl\\u001b[2J\\n8\",\"count\":4}\n"
		"{\"event\":\"started\",\"action\":0,\"kind\":\"fetch\",\"name\":\"zlib-1.3.1.tar.gz\"}\n"
		"{\"event\":\"progress\",\"action\":0,\"kind\":\"fetch\",\"name\":\"zlib-1.3.1.tar.gz\",\"done\":512000,\"total\":1500000}\n"
		"{\"event\":\"progress\",\"action\":0,\"kind\":\"fetch\",\"name\":\"zlib-1.3.1.tar.gz\",\"done\":1500000,\"total\":1500000}\n"
		"{\"event\":\"done\",\"action\":0,\"kind\":\"fetch\",\"name\":\"zlib-1.3.1.tar.gz\",\"wall_ms\":1500}\n"
		"{\"event\":\"started\",\"action\":1,\"kind\":\"unpack\",\"name\":\"unpack\",\"key\":\"%1$s\"}\n"
		"{\"event\":\"done\",\"action\":1,\"kind\":\"unpack\",\"name\":\"unpack\",\"key\":\"%1$s\",\"wall_ms\":20}\n"
		"{\"event\":\"waiting\",\"action\":3,\"kind\":\"run\",\"name\":\"curl\\u001b[2J\\n8\",\"key\":\"%1$s\",\"pid\":77}\n"
		"{\"event\":\"started\",\"action\":2,\"kind\":\"run\",\"name\":\"zlib-1.3.1\",\"key\":\"%1$s\"}\n"
		"{\"event\":\"output\",\"action\":2,\"kind\":\"run\",\"name\":\"zlib-1.3.1\",\"key\":\"%1$s\","
		"\"text\":\"checking for gcc... \\u001b[1myes\\u001b[0m\\nchecking \\\"\xef\xbf\xbd\\\"\"}\n"
		"{\"event\":\"failed\",\"action\":2,\"kind\":\"run\",\"name\":\"zlib-1.3.1\",\"key\":\"%1$s\",\"wall_ms\":2000,"
		"\"status\":1,\"message\":\"step 'zlib' failed after 2.0 s with exit status 3\\n  defined at zlib.lua:7\"}\n"
		"{\"event\":\"started\",\"action\":3,\"kind\":\"run\",\"name\":\"curl\\u001b[2J\\n8\",\"key\":\"%1$s\"}\n"
		"{\"event\":\"done\",\"action\":3,\"kind\":\"run\",\"name\":\"curl\\u001b[2J\\n8\",\"key\":\"%1$s\",\"wall_ms\":754000,"
		"\"user_ms\":800000,\"system_ms\":20000,\"peak_memory\":1048576,\"written_bytes\":5000}\n",
		key_text);

	CHECK_TEXT(text, expected);
}

static void
play_packing(struct progress *progress)
{
	struct pack_report report = {
		.programs = 1, .scripts = 1, .libraries = 1, .bytes = 2500000, .glibc_bytes = 1500};
	cleanup_buf struct buf warnings = {0};

	for (int i = 0; i < 10; i++) {
		buf_printf(&warnings, "bin/%d is \033[1m\"odd\"\n", i);
	}
	report.warnings = warnings.data;
	const struct build_event packed = {
		.kind = BUILD_PACKED, .action = 3, .key = &key, .report = &report};
	const struct build_event done = {
		.kind = BUILD_DONE, .action = 3, .key = &key, .wall_ms = 2000};
	progress_event(progress, &packed);
	progress_event(progress, &done);
}

TEST(the_packers_report_comes_last)
{
	cleanup_free char *text = shown(PROGRESS_PIPE, "never", play_packing);
	const char *report = strstr(text, "warning: ");

	CHECK(report && report == strstr(text, "warning: bin/0 is ?[1m\"odd\"\n"));
	CHECK(strstr(text, "warning: bin/7 ") && !strstr(text, "bin/8"));
	CHECK(strstr(text, "\nand 2 warnings more: brun log "));
	CHECK(strstr(text, ": 2 programs, 1 library, 2.5 MB (glibc 1.5 kB)\n1 done in "));
}

TEST(the_packers_report_is_an_event)
{
	cleanup_free char *text = shown(PROGRESS_JSON, "never", play_packing);

	CHECK(strstr(text, "{\"event\":\"packed\",") == text);
	CHECK(strstr(text, "\"programs\":1,\"scripts\":1,\"static_programs\":0,\"libraries\":1,"
			   "\"bytes\":2500000,\"library_bytes\":0,\"glibc_bytes\":1500,"
			   "\"warnings\":[\"bin/0 is \\u001b[1m\\\"odd\\\"\",\"bin/1 "));
	CHECK(strstr(text, "odd\\\"\"]}\n"));
}

TEST(quiet_is_quiet)
{
	cleanup_free char *text = shown(PROGRESS_QUIET, "always", play);

	CHECK_TEXT(text, "");
}

TEST(a_terminal_keeps_the_verdicts_and_loses_the_footer)
{
	cleanup_free char *text = shown(PROGRESS_TERMINAL, "never", play);
	struct screen screen = {.width = 80};

	screen_feed(&screen, text, strlen(text));
	cleanup_free char *kept = screen_text(&screen);
	CHECK(screen.escapes > 0 && !screen.has_unknown);
	CHECK_TEXT(without_total_time(kept), "fetched zlib-1.3.1.tar.gz, 1.5 MB, 1.5 s\n"
					     "failed zlib-1.3.1, 2.0 s\n"
					     "built curl 8, 12 min 34 s\n"
					     "2 done, 1 fetched (1.5 MB), 1 failed in TIME\n");
}

static void
play_hits(struct progress *progress)
{
	struct build_event planned = event(BUILD_PLANNED, 3), hit = event(BUILD_HIT, 3);

	progress_event(progress, &planned);
	progress_event(progress, &hit);
}

TEST(a_build_of_nothing_but_hits_prints_nothing)
{
	cleanup_free char *pipe = shown(PROGRESS_PIPE, "auto", play_hits);
	cleanup_free char *terminal = shown(PROGRESS_TERMINAL, "auto", play_hits);

	CHECK_TEXT(pipe, "");
	CHECK_TEXT(terminal, "");
}

static void
play_dry(struct progress *progress)
{
	struct build_event first = event(BUILD_WOULD_RUN, 2), second = event(BUILD_WOULD_RUN, 3);
	struct build_event planned = event(BUILD_PLANNED, 3);

	planned.count = 2;
	first.key = &key;
	progress_event(progress, &planned);
	progress_event(progress, &first);
	progress_event(progress, &second);
}

TEST(a_dry_run_says_what_would_run)
{
	cleanup_free char *text = shown(PROGRESS_PIPE, "auto", play_dry);

	CHECK_TEXT(text, "would run: run zlib-1.3.1\n"
			 "would run: run curl 8, unless its inputs come out as before\n"
			 "2 to run at most\n");
}

static void
play_two_failures(struct progress *progress)
{
	struct err err = {0};
	struct build_event failed = event(BUILD_FAILED, 2);

	err_fail(&err, STATUS_STEP, "step 'x' failed");
	err_hint(&err, "  | bad \033]0;title\007news");
	failed.err = &err;
	progress_event(progress, &failed);
	progress_event(progress, &failed);
}

TEST(failures_behind_the_first_are_shown_whole)
{
	cleanup_free char *text = shown(PROGRESS_PIPE, "auto", play_two_failures);

	CHECK_TEXT(without_total_time(text), "failed zlib-1.3.1, 0.0 s\n"
					     "failed step 'x' failed\n"
					     "  | bad news\n"
					     "0 done, 2 failed in TIME\n");
}

TEST(colour_is_asked_for_or_left_out)
{
	cleanup_free char *always = shown(PROGRESS_PIPE, "always", play);
	cleanup_free char *never = shown(PROGRESS_PIPE, "never", play);
	cleanup_free char *automatic = shown(PROGRESS_PIPE, "auto", play);

	CHECK(strstr(always, "\033[32mbuilt\033[0m curl"));
	CHECK(strstr(always, "\033[31mfailed\033[0m zlib"));
	CHECK(!strchr(never, '\033') && !strchr(automatic, '\033'));
}

/* A display on a pseudo-terminal of that size, until `events` are over. */
static char *
shown_on_terminal(const char *no_color, void (*events)(struct progress *))
{
	struct winsize size = {.ws_col = 40, .ws_row = 10};
	struct buf text = {0};
	int master, slave;

	if (!CHECK(openpty(&master, &slave, NULL, NULL, &size) == 0)) {
		return mem_strdup("");
	}
	setenv("TERM", "xterm", 1);
	setenv("NO_COLOR", no_color, 1);
	struct progress *progress = progress_new(&plan, slave, PROGRESS_AUTO, "auto");
	events(progress);
	progress_free(progress);
	char *place = buf_reserve(&text, 16384);
	ssize_t got = read(master, place, 16384);
	text.length = got > 0 ? (size_t)got : 0;
	close(slave);
	close(master);
	return buf_take(&text);
}

static void
play_one(struct progress *progress)
{
	struct build_event done = event(BUILD_DONE, 2);

	progress_event(progress, &done);
}

TEST(a_terminal_has_colour_unless_no_color_is_set)
{
	cleanup_free char *coloured = shown_on_terminal("", play_one);
	cleanup_free char *plain = shown_on_terminal("1", play_one);

	CHECK(strstr(coloured, "\033[32mbuilt\033[0m zlib-1.3.1"));
	CHECK(strstr(plain, "built zlib-1.3.1") && !strstr(plain, "\033[32m"));
}

/* Board and footer with a clock of the test's own. */
static char *
footer_of(const struct board *board, size_t width, size_t height, uint64_t now_ms)
{
	struct footer footer = {0};
	struct buf text = {0};

	footer_draw(&footer, board, width, height, now_ms, false, &text);
	return buf_take(&text);
}

static void
take(struct board *board, struct build_event what, uint64_t now_ms)
{
	board_take(board, &what, now_ms);
}

static void
fill(struct board *board)
{
	struct build_event planned = event(BUILD_PLANNED, 3);
	struct build_event fetched = event(BUILD_PROGRESS, 0);
	struct build_event printed = event(BUILD_OUTPUT, 2);

	planned.count = 7;
	fetched.count = 2500000;
	fetched.total = 10000000;
	printed.text = "one\nchecking for a C compiler that works... \033[1myes\033[0m\n";
	printed.length = strlen(printed.text);
	board_init(board, &plan, 0);
	take(board, planned, 0);
	take(board, event(BUILD_STARTED, 0), 1000);
	take(board, fetched, 2000);
	take(board, event(BUILD_STARTED, 2), 3000);
	take(board, printed, 4000);
}

TEST(the_footer_shows_what_runs)
{
	struct board board;

	fill(&board);
	cleanup_free char *text = footer_of(&board, 100, 24, 75000);
	CHECK_TEXT(text,
		"  fetching zlib-1.3.1.tar.gz  1 min 14 s  2.5 MB of 10.0 MB\n"
		"  building zlib-1.3.1  1 min 12 s  checking for a C compiler that works... yes\n"
		"0 of 7, 2.5 MB fetched, 1 min 15 s");
	board_done(&board);
}

TEST(no_line_of_the_footer_is_as_wide_as_the_terminal)
{
	struct board board;

	fill(&board);
	for (size_t width = 2; width < 120; width++) {
		struct footer footer = {0};
		cleanup_buf struct buf text = {0};
		footer_draw(&footer, &board, width, 24, 75000, true, &text);
		for (size_t i = 0; i < footer.count; i++) {
			CHECK(footer.columns[i] < width);
		}
	}
	board_done(&board);
}

TEST(a_footer_is_cut_where_the_terminal_ends)
{
	struct board board;

	fill(&board);
	cleanup_free char *narrow = footer_of(&board, 30, 24, 75000);
	CHECK_TEXT(narrow, "  fetching zlib-1.3.1.tar.gz…\n"
			   "  building zlib-1.3.1  1 min…\n"
			   "0 of 7, 2.5 MB fetched, 1 mi…");
	cleanup_free char *low = footer_of(&board, 100, 3, 75000);
	CHECK_TEXT(low, "  fetching zlib-1.3.1.tar.gz  1 min 14 s  2.5 MB of 10.0 MB\n"
			"0 of 7, 1 more at work, 2.5 MB fetched, 1 min 15 s");
	board_done(&board);
}

/* Draws at one width, erases at another, as a resize in between makes it. */
static void
check_resize(size_t before, size_t after)
{
	struct board board;
	struct footer footer = {0};
	struct screen screen = {.width = after};
	cleanup_buf struct buf text = {0};

	fill(&board);
	buf_puts(&text, "said\n");
	footer_draw(&footer, &board, before, 24, 75000, false, &text);
	footer_erase(&footer, after, &text);
	buf_puts(&text, "end");
	screen_feed(&screen, text.data, text.length);
	cleanup_free char *kept = screen_text(&screen);
	CHECK_TEXT(kept, "said\nend");
	board_done(&board);
}

TEST(a_resized_terminal_is_left_clean)
{
	check_resize(100, 100);
	check_resize(100, 70);
	check_resize(100, 40);
	check_resize(60, 120);
}

static void
print(struct board *board, const char *text)
{
	struct build_event printed = event(BUILD_OUTPUT, 2);

	printed.text = text;
	printed.length = strlen(text);
	take(board, printed, 5000);
}

TEST(a_line_that_comes_in_pieces_is_shown_whole)
{
	struct board board;

	fill(&board);
	print(&board, "one\nchecking for gcc... ");
	CHECK_TEXT(board_find(&board, 2)->last, "checking for gcc... ");
	print(&board, "yes");
	print(&board, "\n");
	CHECK_TEXT(board_find(&board, 2)->last, "checking for gcc... yes");
	print(&board, "next\n");
	CHECK_TEXT(board_find(&board, 2)->last, "next");
	for (int i = 0; i < 50; i++) {
		print(&board, "without end");
	}
	CHECK(board_find(&board, 2)->last_length == BOARD_LAST - 1);
	board_done(&board);
}

TEST(a_board_counts_what_is_over)
{
	struct board board;
	struct build_event planned_hit = event(BUILD_HIT, 2);

	planned_hit.count = 1;
	fill(&board);
	take(&board, event(BUILD_HIT, 3), 5000);
	take(&board, event(BUILD_DONE, 0), 5000);
	take(&board, planned_hit, 5000);
	CHECK(board.row_count == 0 && board.fetched == 1 && board.over == 2);
	CHECK(board_bytes(&board) == 2500000);
	board_done(&board);
}

static void
check_line(const char *text, size_t columns, const char *expected)
{
	cleanup_buf struct buf line = {0};

	logtext_add_line(&line, text, strlen(text), columns);
	CHECK_TEXT(buf_text(&line), expected);
}

TEST(log_text_is_safe_for_a_terminal)
{
	check_line("plain", 0, "plain");
	check_line("\033[1;31mred\033[0m", 0, "red");
	check_line("\033]0;title\007x\033]8;;http://e\033\\y", 0, "xy");
	check_line("10%\r50%\r100%\r\n", 0, "100%");
	check_line("a\tb\001c\177d", 0, "a b?c?d");
	check_line("gr\xc3\xbc\xc3\x9f", 0, "gr\xc3\xbc\xc3\x9f");
	check_line("\xc3(\xff\xed\xa0\x80", 0, "?(????");
	check_line("\xc2\x9b"
		   "31m",
		0, "?31m");
	check_line("\xe2\x80\xae"
		   "live",
		0, "?live");
	check_line("\033[", 0, "");
	check_line("\033", 0, "");
}

TEST(log_text_is_cut_to_columns)
{
	check_line("12345", 5, "12345");
	check_line("123456", 5, "1234…");
	check_line("12\033[1m345\033[0m", 5, "12345");
	check_line("", 5, "");
	check_line("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 5, "\xe6\x97\xa5\xe6\x9c\xac…");
}

TEST(amounts_read_well)
{
	cleanup_buf struct buf text = {0};

	amount_add_bytes(&text, 999);
	buf_putc(&text, ' ');
	amount_add_bytes(&text, 1000);
	buf_putc(&text, ' ');
	amount_add_bytes(&text, UINT64_C(4294967296));
	buf_putc(&text, ' ');
	elapsed_add(&text, 59940);
	buf_putc(&text, ' ');
	elapsed_add(&text, 245000);
	buf_putc(&text, ' ');
	elapsed_add(&text, 3720000);
	CHECK_TEXT(buf_text(&text), "999 B 1.0 kB 4.2 GB 59.9 s 4 min 05 s 1 h 02 min");
}
