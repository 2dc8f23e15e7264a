/* SPDX-License-Identifier: MIT */
/* How things outside are, as text, a line a thing: to be compared. */
#ifndef BRUN_ATTACKS_STATE_H
#define BRUN_ATTACKS_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/* All below dir: type, mode, owner, links, inode, size, times of change, attributes, contents. */
void state_files(FILE *to, const char *dir);

/* A process: state, pending signals, niceness, limits and what else another could have set. */
void state_process(FILE *to, pid_t pid);

/* The host's device nodes that a sandbox shows, its settings, and the mounts below dir. */
void state_host(FILE *to, const char *dir);

/* Does any file below dir hold these bytes? */
bool state_holds(const char *dir, const char *bytes, size_t length);

#endif
