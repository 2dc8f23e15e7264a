/* SPDX-License-Identifier: MIT */
#include "clock.h"

#include "base/buf.h"

#include <inttypes.h>
#include <time.h>

uint64_t
clock_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void
add_long(struct buf *text, uint64_t seconds)
{
	if (seconds < 3600) {
		buf_printf(text, "%" PRIu64 " min %02" PRIu64 " s", seconds / 60, seconds % 60);
	} else {
		buf_printf(
			text, "%" PRIu64 " h %02" PRIu64 " min", seconds / 3600, seconds / 60 % 60);
	}
}

void
clock_add(struct buf *text, uint64_t ms)
{
	if (ms < 60000) {
		buf_printf(text, "%" PRIu64 ".%" PRIu64 " s", ms / 1000, ms / 100 % 10);
	} else {
		add_long(text, ms / 1000);
	}
}

void
clock_add_live(struct buf *text, uint64_t ms)
{
	if (ms < 60000) {
		buf_printf(text, "%" PRIu64 " s", ms / 1000);
	} else {
		add_long(text, ms / 1000);
	}
}
