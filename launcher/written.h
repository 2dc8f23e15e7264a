/* SPDX-License-Identifier: MIT */
/* Which of a program's pages are written to whenever it starts. */
#ifndef BRUN_WRITTEN_H
#define BRUN_WRITTEN_H

#include <stdint.h>

struct elf;

/* Up to where, in bytes from the start of the last segment's first page, does ld.so write to nearly
 * all pages that a writable segment has from the file, for they have relocations? To copy these at
 * once is quicker than a fault for each. 0 where the last segment is not such a one, as when the
 * program is bound to its addresses: it does write to its data, but where only it knows. */
uint32_t written_at_start(const struct elf *elf);

#endif
