/* SPDX-License-Identifier: MIT */
/* Starting the helper programs: their own process group, a clean signal state, and no descriptor
 * but those that they are given. */
#ifndef BRUN_HELPER_H
#define BRUN_HELPER_H

#include <stddef.h>
#include <sys/types.h>

struct err;

/* Starts argv[0] (a path) with fds[i] as its descriptor i and our environment. The calling thread
 * must outlive the helper: helpers ask to be killed when the thread that started them ends. */
int helper_start(
	const char *const *argv, const int *fds, size_t fd_count, pid_t *ret_pid, struct err *err);

/* Kills the helper if it still runs, reaps it, and says how it ended ("exit status 1",
 * "killed by signal 11 (Segmentation fault)") in `how`. One that had gone by itself is
 * reported as such. */
void helper_end(pid_t pid, char how[static 64]);

#endif
