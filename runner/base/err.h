/* SPDX-License-Identifier: MIT */
/* How every part of brun reports a failure: the caller owns a struct err, the callee fills it. */
#ifndef BRUN_ERR_H
#define BRUN_ERR_H

#include <stdarg.h>

/* What went wrong, as the exit status of the command that fails with it. */
enum status {
	STATUS_OK = 0,
	STATUS_STEP = 1,	   /* a step of a recipe failed */
	STATUS_USAGE = 2,	   /* the command line is wrong */
	STATUS_RECIPE = 3,	   /* the recipe is wrong */
	STATUS_SOURCE = 4,	   /* a source could not be had */
	STATUS_HASH = 5,	   /* a hash does not match */
	STATUS_SANDBOX = 6,	   /* the host refuses the sandbox */
	STATUS_STORE = 7,	   /* store or disk; what a plain failed system call means */
	STATUS_IRREPRODUCIBLE = 8, /* a second build came out different */
	STATUS_LIMIT = 9,	   /* a limit was hit */
	STATUS_UNPACKABLE = 10,	   /* a library is missing, or a program cannot be wrapped */
	STATUS_INTERRUPTED = 130,  /* stopped by SIGINT (143: by SIGTERM) */
};

/* A failure. Zero-initialise it; text is always NUL-terminated, may hold several lines,
 * has no trailing newline, and is cut (never overrun) where it is too long. */
struct err {
	enum status status;
	int number; /* errno at the time, or 0 */
	char text[8192];
};

/* Records a failure with STATUS_STORE and ": strerror(number)" appended unless number is 0.
 * Returns -1, so that a function can end with `return err_set(…)`. err may be NULL. */
int err_set(struct err *err, int number, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Records a failure of the given status; nothing is appended. Returns -1. */
int err_fail(struct err *err, enum status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "FORMAT: " in front of the recorded text; status and number stay. Returns -1. */
int err_wrap(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds a line behind the recorded text: what to do next. Returns -1. */
int err_hint(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
