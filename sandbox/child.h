/* SPDX-License-Identifier: MIT */
/* Pid 1 of a step: what runs between clone and the program's exec, and then waits for its end. */
#ifndef BRUN_SANDBOX_CHILD_H
#define BRUN_SANDBOX_CHILD_H

#include <stdbool.h>

struct filter;
struct sandbox_spec;

struct child {
	const struct sandbox_spec *spec; /* limits without zeros */
	const struct filter *filter;
	bool is_probe;	 /* go through every stage, but end instead of an exec */
	bool has_cgroup; /* which counts and bounds its memory */
	int go;	      /* readable once the id maps are written; end of file: the parent is gone */
	int report;   /* where records go */
	int output;   /* stdout and stderr of the step */
	int terminal; /* or -1 */
	int life;     /* open as long as this process is there */
};

/* Of a struct child. The caller's descriptors, signals and memory are those of the process that it
 * is a copy of; other threads of that may hold any lock, so nothing is allocated here. */
_Noreturn void child_run(const void *child);

#endif
