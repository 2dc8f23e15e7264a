/* SPDX-License-Identifier: MIT */
#include "build/step_input.h"

#include "plan/plan.h"

#include <string.h>

const struct digest *
step_input(const struct action *action, const struct digest *input_ids, const char *role)
{
	for (size_t i = 0; i < action->input_count; i++) {
		if (strcmp(action->inputs[i].role, role) == 0) {
			return &input_ids[i];
		}
	}
	return NULL;
}
