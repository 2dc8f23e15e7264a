/* SPDX-License-Identifier: MIT */
/* What sandbox_run and sandbox_probe have in common. */
#ifndef BRUN_SANDBOX_RUN_H
#define BRUN_SANDBOX_RUN_H

#include <stdbool.h>

struct err;
struct sandbox_result;
struct sandbox_spec;

/* sandbox_run; a probe goes through every stage and then ends with status 0 instead of an exec. */
int run_spec(const struct sandbox_spec *spec, bool is_probe, struct sandbox_result *ret_result,
	struct err *err);

#endif
