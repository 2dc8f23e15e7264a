/* SPDX-License-Identifier: MIT */
/* Edits of shared libraries that keep every byte at its place. Programs are not edited here. */
#ifndef BRUN_REWRITE_H
#define BRUN_REWRITE_H

#include <stdbool.h>

struct arena;
struct buf;
struct changes;
struct file;

/* The edits a library takes to be found and to find its own:
 * - DT_RUNPATH becomes DT_RPATH, for a library with the former is blind to the program's path;
 * - entries that name the build's prefix become $ORIGIN-relative, other absolute ones go: they
 *   would lead to what the host has there. Where the new text does not fit, or something else
 *   uses the old text's bytes, the whole path goes;
 * - a DT_NEEDED with a slash is cut to its last component;
 * - glibc's libc.so.6 no longer finds locales, charset modules and messages of the host (glibc.h).
 * output_dir is the directory in the output where it lies; NULL: the flat directory, where no path
 * of its own is of use. False (and nothing in ret_contents) when there is nothing to edit. */
bool rewrite_library(const struct file *file, const char *output_dir, struct arena *arena,
	struct buf *ret_contents);

/* A glibc dynamic linker that reads neither /etc/ld.so.preload nor /etc/ld.so.cache and has no
 * default directories, whatever the host has there. False when it names none of them. */
bool rewrite_interpreter(const struct file *file, struct buf *ret_contents);

/* Was a glibc one edited so already? */
bool rewrite_interpreter_is_done(const struct file *file);

/* What the launcher is told of a program's RUNPATH or RPATH: the $ORIGIN entries, and those under
 * the prefix made relative to the program's directory; "" when nothing is left. */
const char *rewrite_runpath(const struct file *program, struct arena *arena);

/* Overwrites each string of the file that is `old`, and no part of a longer one, by `new` and NULs.
 * False where there is none, or `new` is the longer of the two. */
bool rewrite_string(const struct file *file, const char *old, const char *new, struct arena *arena,
	struct changes *changes);

#endif
