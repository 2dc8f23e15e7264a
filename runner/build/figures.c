/* SPDX-License-Identifier: MIT */
#include "build/figures.h"

#include "base/buf.h"
#include "text/amount.h"
#include "text/elapsed.h"

void
figures_add(const struct step_figures *figures, struct buf *text)
{
	buf_puts(text, "wall ");
	elapsed_add(text, figures->wall_ms);
	buf_puts(text, ", user ");
	elapsed_add(text, figures->user_ms);
	buf_puts(text, ", system ");
	elapsed_add(text, figures->system_ms);
	buf_puts(text, ", memory ");
	amount_add_bytes(text, figures->peak_memory);
	buf_puts(text, " at most, written ");
	amount_add_bytes(text, figures->written_bytes);
}
