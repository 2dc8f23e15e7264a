/* SPDX-License-Identifier: MIT */
/* The inputs of an action by their role. */
#ifndef BRUN_STEP_INPUT_H
#define BRUN_STEP_INPUT_H

struct action;
struct digest;

/* The id of the first input with that role, or NULL; borrowed from input_ids. */
const struct digest *step_input(
	const struct action *action, const struct digest *input_ids, const char *role);

#endif
