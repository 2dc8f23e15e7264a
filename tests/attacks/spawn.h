/* SPDX-License-Identifier: MIT */
#ifndef BRUN_ATTACKS_SPAWN_H
#define BRUN_ATTACKS_SPAWN_H

#include <stdbool.h>
#include <stddef.h>

struct canaries;

/* What a command printed, and how it ended: a status as a shell has it. */
struct spawned {
	char *said;
	size_t length;
	int status;
};

/* Runs it in a session of its own with the canaries' terminal for stdin (and stderr, where it
 * is_on_terminal), and with descriptors that a careless runner would hand on: 50 a directory, 51 a
 * file open for writing, 52 a socket.
 * Kills it where it prints nothing for so long (-1: waits). */
void spawn(const struct canaries *canaries, const char *const *argv, bool is_on_terminal,
	int patience_ms, struct spawned *ret_spawned);

#endif
