/* SPDX-License-Identifier: MIT */
/* What lies outside of the sandbox, where an attack would be seen: files, a process, sockets, keys,
 * shared memory, a terminal, and the host's own settings. */
#ifndef BRUN_ATTACKS_CANARIES_H
#define BRUN_ATTACKS_CANARIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct canaries {
	char secret[33]; /* in all that could leak */
	const char *dir;
	pid_t pid;	    /* a process of the same user, all signals blocked */
	int life;	    /* closed: it ends */
	int tcp, udp, path; /* sockets that nobody comes to */
	int abstract;
	int port, udp_port;
	int shm, queue, semaphore, keyring;
	int terminal, slave;
	int leaked[3]; /* dir/canary, dir/canary/open for writing, a socket */
	int watch;     /* events of dir/canary */
	int64_t clocks;
	bool has_network; /* loopback is not kept apart */
	char *before;
	size_t before_length;
};

/* Sets all of them out, and notes how they are. */
void canaries_set(struct canaries *canaries, const char *dir);

/* Compares: prints what is not as it was, through must_be. Ends the canary process. */
void canaries_check(struct canaries *canaries);

/* Removes what lies outside of dir. */
void canaries_done(struct canaries *canaries);

#endif
