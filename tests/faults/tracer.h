/* SPDX-License-Identifier: MIT */
/* Runs a program with each system call of it and of its threads (not of its children) looked at,
 * and ended or made to fail where that is asked for. x86_64. */
#ifndef BRUN_TEST_TRACER_H
#define BRUN_TEST_TRACER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct call {
	pid_t process;	     /* the program's */
	unsigned long index; /* of the program's calls, from 0 */
	uint64_t number, arguments[6];
};

/* What is to become of a call that is about to be made: go on, or one of these. */
enum { CALL_GOES_ON = 0, CALL_IS_THE_LAST = -1 /* else the errno that it fails with */ };

struct tracer {
	int (*before)(void *context, const struct call *call);
	/* After a call that did not fail; may be NULL. */
	void (*after)(void *context, const struct call *call, int64_t result);
	void *context;
};

/* Runs argv with its output in the file `log`. The program's wait status, or -1 where tracing is
 * not allowed here. */
int tracer_run(const struct tracer *tracer, char *const *argv, const char *log);

#endif
