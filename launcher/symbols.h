/* SPDX-License-Identifier: MIT */
/* The dynamic symbol table, as far as the packer asks about it. */
#ifndef BRUN_SYMBOLS_H
#define BRUN_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

struct elf;

/* How many entries the dynamic symbol table has, by DT_HASH, DT_GNU_HASH or the section headers;
 * false where none of them says so. */
bool symbols_count(const struct elf *elf, uint64_t *ret_count);

/* Does it import one of these names (NULL-terminated)? */
bool symbols_imports(const struct elf *elf, const char *const *names);

/* May anything but one dynamic entry refer to bytes [offset, offset + length] of the dynamic
 * string table? True also where that can't be told. */
bool symbols_shares_string(const struct elf *elf, uint64_t offset, uint64_t length);

#endif
