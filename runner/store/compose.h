/* SPDX-License-Identifier: MIT */
/* Trees made from trees: merge, debian, filter, file and glob actions. Nothing is executed and
 * (but for glob) no file is read: manifests decide, hard links inside the store do the rest. What
 * is new is small: file actions' files, and dpkg's records of a base's packages (dpkg.h). */
#ifndef BRUN_COMPOSE_H
#define BRUN_COMPOSE_H

#include <stddef.h>

struct action;
struct digest;
struct err;
struct plan;
struct store;

/* Makes the tree of an ACTION_MERGE, ACTION_DEBIAN, ACTION_FILTER, ACTION_FILE or ACTION_GLOB
 * action of the plan and commits it. input_ids[i] is the tree id of action->inputs[i]; glob_fd is
 * the directory that a glob starts from (build.h's root_fd or library_fd; -1: none). Two inputs
 * that disagree on a path are an error that names the path and both inputs (STATUS_RECIPE); a
 * pattern of a glob that matches nothing is one, too. */
int compose_tree(struct store *store, const struct plan *plan, const struct action *action,
	const struct digest *input_ids, int glob_fd, struct digest *ret_id, struct err *err);

#endif
