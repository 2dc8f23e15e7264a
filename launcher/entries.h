/* SPDX-License-Identifier: MIT */
/* What the output will hold beside its resources: the package's tree with the runtime trees laid
 * over it, or some programs of it. */
#ifndef BRUN_ENTRIES_H
#define BRUN_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "changes.h"

struct err;
struct file;
struct pack_spec;
struct sources;

enum entry_type { ENTRY_DIR, ENTRY_FILE, ENTRY_LINK };

struct packed_entry {
	enum entry_type type;
	const char *path;   /* clean, from the output's top */
	const char *target; /* ENTRY_LINK */
	struct file *file;  /* ENTRY_FILE: where it comes from */
	bool is_executable; /* ENTRY_FILE */
	bool is_program;    /* ENTRY_FILE: a script there is a program wherever it lies */
	bool is_asked;	    /* ENTRY_FILE: the caller named it (spec->programs) */
	bool is_seen;	    /* wrap.h has been through with it */
	const char *text;   /* a script whose place a launcher takes: script_place.h */
	bool has_contents;  /* these are written in the place of the file's own */
	struct buf contents;
	struct changes changes; /* the file's own, but for these */
};

struct entries {
	struct packed_entry **items; /* by path, in memcmp order, once entries_sort was called */
	size_t count;
};

/* Reads the trees (spec->programs is NULL) or finds the programs. The first sources are the package
 * and the runtime trees. STATUS_UNPACKABLE: set-id files, two files on one path, a program that is
 * not there. */
int entries_read(struct sources *sources, const struct pack_spec *spec, struct entries *ret_entries,
	struct err *err);

/* Adds an entry; sort again before the next search. */
struct packed_entry *entries_add(
	struct sources *sources, struct entries *entries, enum entry_type type, const char *path);
void entries_sort(struct entries *entries);

/* Moves the entries of `more` over, which is empty then; two files on one path are an error as in
 * entries_read. */
int entries_merge(struct entries *entries, struct entries *more, struct err *err);

/* The entry at a path, or NULL. */
struct packed_entry *entries_find(const struct entries *entries, const char *path);

/* Writes them all into to_fd: directories, files (hard links stay hard links), symlinks. */
int entries_write(const struct entries *entries, int to_fd, struct err *err);

void entries_done(struct entries *entries);

#endif
