/* SPDX-License-Identifier: MIT */
/* brun inspect FILE|DIR */
#include "../launcher/pack.h"
#include "base/buf.h"
#include "base/err.h"
#include "cmd.h"
#include "options.h"

#include <stdio.h>

int
cmd_inspect(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	bool is_json = false;
	int operands = 0;
	const struct option_row rows[] = {
		{0, "json", OPTION_FLAG, &is_json, NULL, "as one JSON object"},
		{0},
	};

	if (ret_help) {
		options_describe(rows, ret_help);
		return 0;
	}
	if (options_parse(argc, argv, rows, false, &operands, err) < 0) {
		return -1;
	}
	if (operands != 1) {
		return err_fail(
			err, STATUS_USAGE, "inspect takes one file or directory, got %d", operands);
	}
	cleanup_buf struct buf text = {0};
	if (pack_inspect(argv[1], is_json, &text, err) < 0) {
		return -1;
	}
	fwrite(buf_text(&text), 1, text.length, stdout);
	return 0;
}
