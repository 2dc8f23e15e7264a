/* SPDX-License-Identifier: MIT */
/* Symbol versions (LSB core, "Symbol Versioning"; gABI does not have them). */
#ifndef BRUN_VERSIONS_H
#define BRUN_VERSIONS_H

#include <stdbool.h>

struct elf;

/* One version that a file needs (of `library`) or defines (library is NULL), as strings of its
 * dynamic string table. False stops the walk. */
typedef bool versions_fn(void *context, const char *library, const char *version, bool is_weak);

/* Walks DT_VERNEED or DT_VERDEF; damaged tables end the walk. False where `each` said so. */
bool versions_needed(const struct elf *elf, versions_fn *each, void *context);
bool versions_defined(const struct elf *elf, versions_fn *each, void *context);

/* Is the version among those that DT_VERDEF has? */
bool versions_defines(const struct elf *elf, const char *version);

#endif
