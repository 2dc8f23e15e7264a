/* SPDX-License-Identifier: MIT */
/* How long to wait before a server is asked again. */
#ifndef BRUN_BACKOFF_H
#define BRUN_BACKOFF_H

#include <stdint.h>

enum {
	BACKOFF_MS = 500,	       /* before the second try */
	BACKOFF_MOST_MS = 30000,       /* before any try, but for a server's own wish */
	BACKOFF_RETRY_AFTER_MOST = 60, /* seconds: who asks for more is given up */
};

/* Milliseconds before try `round` (1: the second try): base doubled each time, a quarter more or
 * less so that clients part, and never less than the server's Retry-After (seconds, 0: none). */
uint64_t backoff_ms(uint64_t base_ms, unsigned round, unsigned long retry_after);

#endif
