/* SPDX-License-Identifier: MIT */
/* Absolute paths in the text of a shell script. */
#ifndef BRUN_SHELL_H
#define BRUN_SHELL_H

#include <stdbool.h>
#include <stddef.h>

/* A path in it: at least two components, all of it literal, in a place where the shell would expand
 * a variable. */
struct shell_path {
	size_t at, length; /* in bytes, from the text's start */
	bool is_quoted;	   /* by double quotes */
	bool is_start;	   /* "/usr/", and what follows is expanded */
};

/* Calls `each` with every path, in order. Paths in comments, single quotes and here-documents are
 * none. False where the text's quotes do not end where it does: then nothing of it is certain. */
bool shell_each_path(const char *text, size_t length,
	void (*each)(void *context, const struct shell_path *path), void *context);

/* Is it the name of a shell that has `${0%/\*}` for the directory of its script? */
bool shell_is_one(const char *name);

#endif
