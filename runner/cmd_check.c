/* SPDX-License-Identifier: MIT */
/* brun check RECIPE… */
#include "base/buf.h"
#include "base/err.h"
#include "cmd.h"
#include "options.h"
#include "request.h"

#include <stdio.h>

int
cmd_check(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	const struct option_row rows[] = {{0}};
	int operands = 0;

	if (ret_help) {
		return 0;
	}
	if (options_parse(argc, argv, rows, false, &operands, err) < 0) {
		return -1;
	}
	if (operands == 0) {
		return err_fail(err, STATUS_USAGE, "check takes one recipe or more");
	}
	for (int i = 1; i <= operands; i++) {
		struct request request;
		if (request_open(argv[i], "default", &request, err) < 0) {
			return -1;
		}
		printf("%s: %zu actions\n", argv[i], request.plan.action_count);
		request_done(&request);
	}
	return 0;
}
