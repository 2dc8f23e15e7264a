/* SPDX-License-Identifier: MIT */
/* Bundles: the directories brun-resources.d/ID, each with one consistent set of real programs and
 * libraries. Programs share one as long as no two of them mean different files by one name. */
#ifndef BRUN_BUNDLE_H
#define BRUN_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sha256.h"
#include "changes.h"

struct closure;
struct entries;
struct err;
struct file;
struct notes;
struct sources;
struct wrap;
struct wraps;

struct bundle_file {
	const char *path; /* "lib/libc.so.6", "exe/curl" */
	struct file *file;
	const char *target; /* a symlink to there, or NULL */
	const char *why;    /* for pack.json */
	bool has_contents;  /* edited: these, not the file's */
	struct buf contents;
	struct changes changes; /* the file's own, but for these */
	struct digest changed;	/* and what they make of it, where there are any */
};

struct bundle {
	uint16_t machine;
	bool is_glibc;
	const char *interpreter; /* "lib/ld-linux-x86-64.so.2"; NULL: static programs only */
	struct bundle_file *files;
	size_t count, capacity;
	struct buf json; /* pack.json */
	char id[17];
};

struct bundles {
	struct bundle **items;
	size_t count;
};

/* The file at a path of the bundle, or NULL. */
const struct bundle_file *bundle_find(const struct bundle *bundle, const char *path);

/* Adds a file under a path that is free. */
void bundle_add(struct bundle *bundle, const struct bundle_file *file);

/* Puts a program and its closure into the first bundle that agrees with it, or into a new one. */
int bundles_place(
	struct bundles *bundles, struct sources *sources, struct wrap *wrap, struct err *err);

/* Adds what a library of the output needs (a module that programs may open) to every bundle of
 * its machine that does not mean something else by those names; a note says where one does. */
int bundles_add_module(struct bundles *bundles, struct sources *sources,
	const struct closure *closure, struct notes *notes, struct err *err);

/* Edits the copies, writes pack.json's text and names each bundle after its contents. */
int bundles_finish(struct bundles *bundles, struct sources *sources, const struct wraps *wraps,
	struct notes *notes, struct err *err);

/* Writes those that the entries do not have already. */
int bundles_write(
	const struct bundles *bundles, const struct entries *entries, int to_fd, struct err *err);

void bundles_done(struct bundles *bundles);

/* Where an object of a closure lies in the output if the output ships it, else NULL. */
const char *bundle_shipped(const struct closure *closure, size_t item);

#endif
