/* SPDX-License-Identifier: MIT */
/* What most subcommands start from: RECIPE[:NAME] on the command line, evaluated to a plan. */
#ifndef BRUN_REQUEST_H
#define BRUN_REQUEST_H

#include "installation.h"
#include "plan.h"

struct err;

struct request {
	struct installation installation;
	char *recipe; /* absolute path of the .lua file, or of the folder that holds recipe.lua */
	struct plan plan;
	const struct plan_output *output; /* the one that NAME asks for */
	int root_fd;			  /* the folder that the recipe lies in */
	int library_fd;			  /* the recipes that come with brun */
};

/* Finds the recipe (a path, or the name of one that comes with brun), evaluates it and parses the
 * plan. NAME defaults to default_output. On failure there is nothing to free. A recipe that is not
 * there or is wrong is STATUS_RECIPE; a NAME that it does not have, STATUS_USAGE. */
int request_open(const char *operand, const char *default_output, struct request *ret_request,
	struct err *err);
void request_done(struct request *request);

#endif
