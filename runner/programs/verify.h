/* SPDX-License-Identifier: MIT */
/* Is a packed directory whole, and does all in it load? */
#ifndef BRUN_VERIFY_H
#define BRUN_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

/* Reads every file of the packed directory; where all are what was packed, has the bundled dynamic
 * linker load each program in an empty root and resolve every symbol, without starting it.
 * Programs of musl, static ones and those of another machine are not loaded. What libraries of the
 * output (modules) need and is not there is told without being a problem. ret_text gets one
 * line a problem and a summary, or with is_json what inspection says with these problems in it.
 * 0, however many there are; -1 and err where it could not be done (STATUS_USAGE: no directory,
 * STATUS_SANDBOX). */
int verify_output(const char *path, bool is_json, struct buf *ret_text, size_t *ret_problems,
	struct err *err);

#endif
