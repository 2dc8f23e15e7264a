/* SPDX-License-Identifier: MIT */
#include "text/elapsed.h"

#include "base/buf.h"

#include <inttypes.h>

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
elapsed_add(struct buf *text, uint64_t ms)
{
	if (ms < 60000) {
		buf_printf(text, "%" PRIu64 ".%" PRIu64 " s", ms / 1000, ms / 100 % 10);
	} else {
		add_long(text, ms / 1000);
	}
}

void
elapsed_add_live(struct buf *text, uint64_t ms)
{
	if (ms < 60000) {
		buf_printf(text, "%" PRIu64 " s", ms / 1000);
	} else {
		add_long(text, ms / 1000);
	}
}
