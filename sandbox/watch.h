/* SPDX-License-Identifier: MIT */
/* The parent's side of a running step: passes its output on and ends it at a limit. */
#ifndef BRUN_SANDBOX_WATCH_H
#define BRUN_SANDBOX_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "stage.h"

struct cgroup;
struct err;
struct sandbox_result;
struct sandbox_spec;

struct watch {
	const struct sandbox_spec *spec; /* limits without zeros */
	pid_t pid;			 /* of pid 1; with it ends the whole step */
	const struct cgroup *cgroup;	 /* NULL: it is in none of its own */
	int life;			 /* a pipe that ends when it has ended */
	int output;			 /* non-blocking */
	uint64_t started_ms;		 /* clock_now_ms() */
};

/* Comes back when every process of the step is gone and its output is passed on. Sets the outcome
 * to the limit that was hit or to SANDBOX_CANCELLED, or leaves it as SANDBOX_EXITED. */
int watch_step(const struct watch *watch, struct sandbox_result *result, struct err *err);

#endif
