/* SPDX-License-Identifier: MIT */
#include "fetch/backoff.h"

#include "base/random.h"

static uint64_t
jitter(uint64_t wait_ms)
{
	return wait_ms - wait_ms / 4 + random_number() % (wait_ms / 2 + 1);
}

uint64_t
backoff_ms(uint64_t base_ms, unsigned round, unsigned long retry_after)
{
	uint64_t wait_ms = base_ms;

	for (unsigned i = 1; i < round && wait_ms < BACKOFF_MOST_MS; i++) {
		wait_ms *= 2;
	}
	wait_ms = jitter(wait_ms < BACKOFF_MOST_MS ? wait_ms : BACKOFF_MOST_MS);
	return wait_ms > retry_after * 1000 ? wait_ms : retry_after * 1000;
}
