/* SPDX-License-Identifier: MIT */
/* The dynamic symbol table, as far as the packer asks about it. */
#ifndef BRUN_SYMBOLS_H
#define BRUN_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

struct elf;

/* Does it import one of these names (NULL-terminated)? */
bool symbols_imports(const struct elf *elf, const char *const *names);

/* Where an interpreter has its symbol _r_debug, through which debuggers find the libraries of a
 * running program; 0 where it has none. */
uint64_t symbols_debug_address(const struct elf *elf);

/* May anything but one dynamic entry refer to bytes [offset, offset + length] of the dynamic
 * string table? True also where that can't be told. */
bool symbols_shares_string(const struct elf *elf, uint64_t offset, uint64_t length);

#endif
