/* SPDX-License-Identifier: MIT */
/* What a person types to debug a wrapped program. */
#ifndef BRUN_DEBUGGING_H
#define BRUN_DEBUGGING_H

struct json_t;

/* Adds "debugging" to what describe_launcher says about the launcher at `path`: gdb's command
 * lines. Nothing where the real program is not a file, or has a name that gdb can't be told. */
void debugging_describe(const char *path, struct json_t *launcher);

#endif
