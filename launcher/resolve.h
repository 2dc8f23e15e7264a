/* SPDX-License-Identifier: MIT */
/* From a name in a DT_NEEDED to a file, by the loader's rules (ld.so(8); glibc's
 * elf/dl-load.c:_dl_map_object; musl's ldso/dynlink.c:load_library). */
#ifndef BRUN_RESOLVE_H
#define BRUN_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct closure;
struct library;
struct sources;

/* Finds what `name` means to item `needer` of the closure, as the first file of the right machine.
 * ret_looked, unless NULL, gets the places that were tried, ", " between them. */
bool resolve_library(struct sources *sources, const struct closure *closure, size_t needer,
	const char *name, struct library *ret_library, struct buf *ret_looked);

/* Calls `each` with every entry of a ':'-separated path. */
void runpath_each(const char *runpath,
	void (*each)(void *context, const char *entry, size_t length), void *context);

/* If an entry starts with $ORIGIN or ${ORIGIN} (and nothing else follows but '/' or the end),
 * the number of bytes that takes, else 0. */
size_t runpath_origin(const char *entry);

#endif
