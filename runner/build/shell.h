/* SPDX-License-Identifier: MIT */
/* A person, or a command of hers, in the place of a step's script. */
#ifndef BRUN_SHELL_H
#define BRUN_SHELL_H

#include <stdbool.h>

struct action;
struct digest;
struct err;
struct limits;
struct store;

struct shell_options {
	const char *kept;	 /* a failed step's directory, absolute; NULL: a fresh one */
	const char *const *argv; /* NULL-terminated, looked up in the step's PATH; empty: a shell */
	unsigned jobs;		 /* $JOBS */
	const struct limits *limits; /* a person's; or NULL */
	int cancel_fd;		     /* readable: kill it */
	/* stdin and stdout are a terminal: so are the program's. Else it reads nothing, and what it
	 * prints goes to stdout. */
	bool is_terminal;
};

/* Runs it in the world of an ACTION_RUN, whose inputs are there: the same mounts, environment (but
 * TERM, on a terminal), user and limits (but time, on a terminal). 0 and its exit status, 128 and
 * more for a signal; -1 where it could not be started (statuses as for sandbox_run), was over a
 * limit, or was cancelled. */
int shell_run(struct store *store, const struct action *action, const struct digest *input_ids,
	const struct shell_options *options, int *ret_status, struct err *err);

#endif
