/* SPDX-License-Identifier: MIT */
/* brun doctor [--json]: one line a finding, what to do about it indented below. As JSON one object
 * a line: "check", "verdict" ("ok", "degraded", "refused", "untried"), and where they say something
 * "errno" (EPERM), "note" and "advice" (lines). */
#include "base/buf.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/mem.h"
#include "command/cmd.h"
#include "command/options.h"
#include "fetch/mirror.h"
#include "sandbox/sandbox.h"
#include "store/store_examine.h"
#include "text/logtext.h"
#include "text/printable.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const verdicts[] = {
	[FINDING_OK] = "ok",
	[FINDING_DEGRADED] = "degraded",
	[FINDING_REFUSED] = "refused",
	[FINDING_UNTRIED] = "untried",
};

static void
print_line(void *context, const struct finding *finding)
{
	cleanup_free char *note = printable_text(finding->note);
	cleanup_free char *advice = printable_text(finding->advice);
	const char *why = finding->number ? strerrordesc_np(finding->number) : NULL;

	(void)context;
	printf("%-9s %s", verdicts[finding->verdict], finding->name);
	if (why) {
		printf(": %s (%s)", why, strerrorname_np(finding->number));
	}
	printf("%s%s\n", *note ? ": " : "", note);
	for (char *line = advice, *rest; line && *line; line = rest) {
		rest = strchr(line, '\n');
		printf("          - %.*s\n", (int)strcspn(line, "\n"), line);
		rest = rest ? rest + 1 : NULL;
	}
}

/* A store's path may hold any bytes; JSON holds UTF-8. */
static void
set_text(json_t *object, const char *name, const char *text)
{
	cleanup_buf struct buf clean = {0};

	logtext_add_utf8(&clean, text, strlen(text));
	if (clean.length) {
		json_object_set_new(object, name, json_stringn(clean.data, clean.length));
	}
}

static void
print_object(void *context, const struct finding *finding)
{
	json_t *object = json_object();

	(void)context;
	set_text(object, "check", finding->name);
	set_text(object, "verdict", verdicts[finding->verdict]);
	if (finding->number && strerrorname_np(finding->number)) {
		set_text(object, "errno", strerrorname_np(finding->number));
	}
	set_text(object, "note", finding->note);
	set_text(object, "advice", finding->advice);
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

/* Where mirror://debian/ leads; nothing is fetched. */
static void
report_mirror(const struct mirrors *mirrors, finding_fn *report)
{
	static const char path[] = "/pool";
	cleanup_buf struct buf note = {0};
	struct err problem = {0};
	char **urls = NULL;
	struct finding finding = {.name = "mirror://debian/", .note = "", .advice = ""};

	if (mirrors_resolve(mirrors, "mirror://debian/pool", &urls, &problem) < 0) {
		finding.verdict = FINDING_DEGRADED;
		finding.note = "sources that are not in the store yet can't be fetched";
		finding.advice = problem.text;
	}
	for (size_t i = 0; urls && urls[i]; i++) {
		buf_printf(&note, "%s%.*s", i ? ", " : "", (int)(strlen(urls[i]) - strlen(path)),
			urls[i]);
		free(urls[i]);
	}
	free(urls);
	if (note.length) {
		finding.note = buf_text(&note);
	}
	report(NULL, &finding);
}

/* Looks at everything, whatever fails; what is refused first decides the status. */
static int
examine(const char *store, const struct mirrors *mirrors, finding_fn *report, struct err *err)
{
	struct err store_err = {0};
	int result = sandbox_examine(report, NULL, err);
	int store_result = store_examine(store, report, NULL, &store_err);

	report_mirror(mirrors, report);
	if (result == 0 && store_result < 0) {
		*err = store_err;
	}
	return result < 0 || store_result < 0 ? -1 : 0;
}

int
cmd_doctor(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	const char *store = NULL;
	bool is_json = false;
	struct option_list given = {0};
	struct mirrors mirrors = {0};
	int count = 0;
	const struct option_row rows[] = {
		{0, "json", OPTION_FLAG, &is_json, NULL, "one JSON object a line"},
		OPTION_STORE(&store),
		{0, "mirror", OPTION_LIST, &given, "NAME=URL", "as for a build"},
		{0},
	};
	const struct option_operands operands = {0, 0, "no operands", false};

	int begun = options_begin(argc, argv, rows, &operands, ret_help, &count, err);
	if (begun != 0) {
		return begun < 0 ? -1 : 0;
	}
	int result = mirrors_add_all(&mirrors, given.items, given.count, err);
	if (result == 0) {
		result = examine(store, &mirrors, is_json ? print_object : print_line, err);
	}
	mirrors_done(&mirrors);
	return result;
}
