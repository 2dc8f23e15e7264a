/* SPDX-License-Identifier: MIT */
/* What a shell script of a root file system names by absolute paths: wrappers that start
 * /usr/lib/NAME/NAME are how many packages put a program into PATH. */
#ifndef BRUN_SCRIPT_DATA_H
#define BRUN_SCRIPT_DATA_H

#include <stddef.h>

struct buf;
struct entries;
struct err;
struct file;
struct notes;
struct packed_entry;
struct sources;

/* Up to `max` directories (or files) that belong to the script's package alone, as /usr/lib/NAME
 * does, from the source's top, each once; the strings are the arena's. Directories that many
 * packages share are none. */
int script_data_find(struct sources *sources, struct file *script, size_t max,
	const char **ret_found, size_t *ret_count, struct err *err);

/* Makes the paths in a script's text that lie in the output relative to the script itself; `text`
 * is the entry that it comes out as. */
int script_data_relocate(struct sources *sources, const struct entries *entries,
	struct packed_entry *text, struct notes *notes, struct err *err);

#endif
