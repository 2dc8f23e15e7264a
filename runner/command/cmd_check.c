/* SPDX-License-Identifier: MIT */
/* brun check RECIPE… */
#include "base/buf.h"
#include "base/err.h"
#include "command/cmd.h"
#include "command/options.h"
#include "command/request.h"

#include <limits.h>
#include <stdio.h>

int
cmd_check(int argc, char **argv, struct buf *ret_help, struct err *err)
{
	const struct option_row rows[] = {{0}};
	int count = 0;

	const struct option_operands operands = {1, INT_MAX, "one recipe or more", false};

	int begun = options_begin(argc, argv, rows, &operands, ret_help, &count, err);
	if (begun != 0) {
		return begun < 0 ? -1 : 0;
	}
	for (int i = 1; i <= count; i++) {
		cleanup_request struct request request = REQUEST_NONE;
		if (request_open(argv[i], "default", &request, err) < 0) {
			return -1;
		}
		printf("%s: %zu actions\n", argv[i], request.plan.action_count);
	}
	return 0;
}
