/* SPDX-License-Identifier: MIT */
/* What a step took. */
#ifndef BRUN_FIGURES_H
#define BRUN_FIGURES_H

#include <stdint.h>

struct buf;

/* Of a test, its commands' together; peak_memory is the largest one's. */
struct step_figures {
	uint64_t wall_ms, user_ms, system_ms, peak_memory, written_bytes;
};

/* Appends "wall 12.3 s, user 9.8 s, system 1.2 s, memory 34.5 MB at most, written 6.7 MB". */
void figures_add(const struct step_figures *figures, struct buf *text);

#endif
