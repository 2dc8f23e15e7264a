/* SPDX-License-Identifier: MIT */
/* What the hostile programs share. */
#ifndef BRUN_ATTACKS_INSIDE_H
#define BRUN_ATTACKS_INSIDE_H

#include <stdbool.h>

/* /input (with `file` and `dir/`) is a read-only input, /build is writable; argument: see outside.c
 */
struct attack {
	const char *mode, *tries, *must_be_seen, *because;
	void (*run)(const char *argument);
};

/* Each ends with an attack without a mode. */
extern const struct attack attacks_on_files[], attacks_on_kernel[], attacks_on_others[];

/* A call that must return -1. */
void must_fail(long result, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A call that must return -1 and this errno, which is looked at first thing. */
void must_fail_with(int number, long result, const char *what);

void must_be(bool is_so, const char *what);

/* Ends the program: this machine can't tell. */
_Noreturn void cannot_tell(const char *why);

#endif
