/* SPDX-License-Identifier: MIT */
/* What a program needs to start, found as the loader would find it. */
#ifndef BRUN_CLOSURE_H
#define BRUN_CLOSURE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;
struct file;
struct sources;

/* One object of a closure. */
struct library {
	const char *name; /* by which it is needed: a file name without a slash */
	struct file *file;
	const char *visible; /* where it was found: from its source's top, links not followed */
	size_t needer;	     /* index of the object that brought it in */
	bool is_opened;	     /* opened at run time: nothing names it in a DT_NEEDED */
	bool is_named;	     /* a library that is there at the start needs it by its soname, name */
	bool keeps_name;     /* its file is called in the bundle what it is called there */
};

/* Item 0 is the root: a program or a library. The others come in the loader's order, breadth
 * first, those that are opened at run time (and what they need) behind them. */
struct closure {
	struct library *items;
	size_t count;
	size_t started;		      /* so many of the items are there when the program starts */
	struct file *interpreter;     /* NULL for libraries and static programs */
	const char *interpreter_name; /* "ld-linux-x86-64.so.2" */
	bool is_glibc;
};

/* Finds the closure of a program or library. STATUS_UNPACKABLE names the root, what is missing and
 * where it was looked for, or the symbol version that a library lacks. Everything that was
 * allocated is the sources'. */
int closure_find(
	struct sources *sources, struct file *root, struct closure *ret_closure, struct err *err);

/* Adds a library that is opened at run time by its name, and what it needs; does nothing where
 * the name is there already. False where nothing provides it; what it needs must be there: -1
 * and err. */
int closure_open(struct sources *sources, struct closure *closure, const char *name,
	bool *ret_is_found, struct err *err);

/* Does an object other than libc import one of these names (NULL-terminated)? libc's own halves use
 * each other's. Libraries whose name starts with `except` (unless NULL) do not count either. */
bool closure_imports(const struct closure *closure, const char *const *names, const char *except);

/* The item of that name, or NULL. */
const struct library *closure_get(const struct closure *closure, const char *name);

#endif
