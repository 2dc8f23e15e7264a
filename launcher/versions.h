/* SPDX-License-Identifier: MIT */
/* Symbol versions (LSB core, "Symbol Versioning"; gABI does not have them). */
#ifndef BRUN_VERSIONS_H
#define BRUN_VERSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct closure;
struct elf;
struct err;

/* One version that a file needs (of `library`) or defines (library is NULL); offsets are into
 * the dynamic string table. False stops the walk. */
typedef bool versions_fn(void *context, const char *library, const char *version, bool is_weak);

/* Walks DT_VERNEED or DT_VERDEF; damaged tables end the walk. False where `each` said so. */
bool versions_needed(const struct elf *elf, versions_fn *each, void *context);
bool versions_defined(const struct elf *elf, versions_fn *each, void *context);

/* Does each library define the versions that the items from `from` on need of it?
 * STATUS_UNPACKABLE names program, library and version. */
int versions_check(const struct closure *closure, size_t from, struct err *err);

#endif
