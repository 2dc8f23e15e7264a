/* SPDX-License-Identifier: MIT */
/* brun inspect FILE|DIR */
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "command/cmd.h"
#include "command/options.h"
#include "launcher/pack.h"
#include "programs/verify.h"
#include "text/printable.h"

#include <stdio.h>

static int
inspect(const char *path, bool is_json, bool verifies, struct err *err)
{
	cleanup_buf struct buf text = {0};
	size_t problems = 0;
	int result = verifies ? verify_output(path, is_json, &text, &problems, err)
			      : pack_inspect(path, is_json, &text, err);

	if (result < 0) {
		return -1;
	}
	cleanup_free char *shown = printable_text(buf_text(&text));
	fputs(shown, stdout);
	if (problems == 0) {
		return 0;
	}
	err_fail(err, STATUS_UNPACKABLE, "'%s' is not whole: %zu problem%s", path, problems,
		problems == 1 ? "" : "s");
	return err_hint(err, "build or pack it anew, or copy it once more from where it is whole");
}

int
cmd_inspect(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	bool is_json = false, verifies = false;
	int count = 0;
	const struct option_row rows[] = {
		{0, "verify", OPTION_FLAG, &verifies, NULL,
			"check all files, and that all programs load in an empty root; else 10"},
		{0, "json", OPTION_FLAG, &is_json, NULL, "as one JSON object"},
		{0},
	};
	const struct option_operands operands = {1, 1, "one file or directory", false};

	int begun = options_begin(argc, argv, rows, &operands, ret_help, &count, err);
	if (begun != 0) {
		return begun < 0 ? -1 : 0;
	}
	return inspect(argv[1], is_json, verifies, err);
}
