/* SPDX-License-Identifier: MIT */
#include "launcher/shell.h"

#include "base/buf.h"

#include <string.h>

#include "test.h"

struct told {
	const char *text;
	struct buf list;
};

static void
tell(void *context, const struct shell_path *path)
{
	struct told *told = context;

	buf_printf(&told->list, "%s%.*s%s ", path->is_quoted ? "\"" : "", (int)path->length,
		told->text + path->at, path->is_start ? "$" : "");
}

/* The paths of a text, '"' before quoted ones, '$' behind those that go on. */
static const char *
paths(const char *text)
{
	static char last[1024];
	struct told told = {.text = text};
	bool is_certain = shell_each_path(text, strlen(text), tell, &told);

	snprintf(last, sizeof(last), "%s%s", buf_text(&told.list), is_certain ? "" : "?");
	buf_done(&told.list);
	return last;
}

TEST(paths_are_told_where_the_shell_would_expand_a_variable)
{
	CHECK_TEXT(paths("exec /usr/lib/x/x \"$@\""), "/usr/lib/x/x ");
	CHECK_TEXT(paths("A=/usr/lib/x B=\"/usr/share/y;/opt/z\""),
		"/usr/lib/x \"/usr/share/y \"/opt/z ");
	CHECK_TEXT(paths("x=`/usr/bin/a \"/b/c\"`; y=$(/d/e $(/f/g))"),
		"/usr/bin/a \"/b/c /d/e /f/g ");
	CHECK_TEXT(paths("\"$(cat \"/a/b\" /c/d)\""), "\"/a/b /c/d ");
	CHECK_TEXT(paths("x=$((1 + (2))) /a/b; case x in (a) /c/d;; b) /e/f;; esac"),
		"/a/b /c/d /e/f ");
}

TEST(what_is_quoted_or_no_whole_path_is_none)
{
	CHECK_TEXT(paths("'/a/b' \\/c/d $'/e/f' x/g/h $x/i/j /usr /*/b /a/$x /a/b*"), "");
	CHECK_TEXT(paths("# /a/b it's\necho $# /c/d ${#x} # it's"), "/c/d ");
	CHECK_TEXT(paths("sed 's%/a/b%/c/d%' ${x#/e/f} ${x:-/g/h}"), "/g/h ");
	CHECK_TEXT(paths("\"/usr/$x/y\" /usr/${x}"), "\"/usr/$ /usr/$ ");
}

TEST(here_documents_are_passed_over)
{
	CHECK_TEXT(paths("cat <<E /a/b\n/c/d it's\nE\n/e/f"), "/a/b /e/f ");
	CHECK_TEXT(paths("cat <<-'E F'\n\t/c/d\n\tE F\n"), "?");
	CHECK_TEXT(paths("cat <<-'EF'\n\t/c/d\n\tEF\nx <<<y /a/b"), "/a/b ");
}

TEST(where_the_quotes_do_not_end_nothing_is_certain)
{
	static const char *const texts[] = {
		"'/a/b", "\"/a/b", "`/a/b", "$(/a/b", "cat <<E\n", "cat <<E\n/a/b", "\\"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		CHECK(strchr(paths(texts[i]), '?'));
	}
	CHECK_TEXT(paths("it's /a/b isn't it"), "");
}
