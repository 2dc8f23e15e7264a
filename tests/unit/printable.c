/* SPDX-License-Identifier: MIT */
/* Strangers' text on a terminal. */
#include "text/printable.h"

#include "base/mem.h"

#include "test.h"

static void
check_name(const char *text, const char *wanted)
{
	cleanup_free char *shown = printable_name(text);

	CHECK_TEXT(shown, wanted);
}

TEST(what_a_terminal_obeys_is_a_question_mark)
{
	check_name("a\x1b[2Jb\x7f", "a?[2Jb?");
	check_name("a\nb\tc\r", "a?b?c?");
	check_name("\xc2\x9b"
		   "2J",
		"?2J");
	check_name("\xe2\x80\xae"
		   "txt.exe",
		"?txt.exe");
}

TEST(bytes_that_are_not_UTF_8_are_question_marks)
{
	check_name("a\x9b"
		   "2J",
		"a?2J");
	check_name("\xc3", "?");
	check_name("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
}

TEST(a_text_keeps_its_lines)
{
	cleanup_free char *shown = printable_text("one\n\ttwo\x07\n");

	CHECK_TEXT(shown, "one\n\ttwo?\n");
}

TEST(a_long_name_is_cut_between_two_characters)
{
	char text[300];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text + 199, "\xc3\xbc", 2);
	cleanup_free char *shown = printable_name(text);
	CHECK(strlen(shown) == 202 && strcmp(shown + 198, "x...") == 0);
}
