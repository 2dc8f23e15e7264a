/* SPDX-License-Identifier: MIT */
/* What most subcommands start from: RECIPE[:NAME] on the command line, evaluated to a plan. */
#ifndef BRUN_REQUEST_H
#define BRUN_REQUEST_H

#include "base/buf.h"
#include "command/installation.h"
#include "plan/plan.h"

#include <time.h>

struct err;

struct request {
	struct installation installation;
	const char *operand; /* RECIPE[:NAME] as it was given, borrowed */
	char *recipe; /* absolute path of the .lua file, or of the folder that holds recipe.lua */
	const char *name; /* borrowed from the operand, or the default */
	/* What request_evaluate finds out. */
	struct timespec began; /* CLOCK_REALTIME before the evaluation */
	struct buf reads;      /* eval_recipe's */
	struct plan plan;
	const struct plan_output *output; /* the one that NAME asks for */
	int root_fd;			  /* the folder that the recipe lies in */
	int library_fd;			  /* the recipes that come with brun */
};

/* Finds the recipe: a path, or the name of one that comes with brun. NAME defaults to
 * default_output. On failure there is nothing to free. STATUS_RECIPE where it is not there. */
int request_find(const char *operand, const char *default_output, struct request *ret_request,
	struct err *err);

/* Evaluates what was found and parses the plan. A recipe that is wrong is STATUS_RECIPE; a NAME
 * that it does not have, STATUS_USAGE. */
int request_evaluate(struct request *request, struct err *err);

/* Both. On failure there is nothing to free. */
int request_open(const char *operand, const char *default_output, struct request *ret_request,
	struct err *err);
void request_done(struct request *request);

/* At a declaration: frees the request when the scope ends, found or not. */
#define cleanup_request __attribute__((cleanup(request_done)))
#define REQUEST_NONE                                                                               \
	{                                                                                          \
		.root_fd = -1, .library_fd = -1                                                    \
	}

#endif
