/* SPDX-License-Identifier: MIT */
/* What a collection keeps: trees by name, and the trees that output directories were made of. */
#ifndef BRUN_STORE_ROOTS_H
#define BRUN_STORE_ROOTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sha256.h"

struct err;
struct store;

/* A root is alive if it names a tree: an output's does as long as its stamp is there. */
struct store_root {
	char *name;   /* NULL: an output directory */
	char *output; /* its absolute path, or NULL */
	char *file;   /* in roots/ */
	bool is_alive;
	struct digest id;
};

/* All roots, in the order of their files. The list is the caller's: store_roots_done. */
int store_roots_read(
	struct store *store, struct store_root **ret_roots, size_t *ret_count, struct err *err);

/* Is the root in this file ("roots/…") alive now? */
bool store_root_is_alive(struct store *store, const char *file);
void store_roots_done(struct store_root *roots, size_t count);

/* Names a tree; a name that is there names the new one. Names are of letters, digits and ._+-@
 * and begin with a letter or digit (else STATUS_USAGE). */
int store_root_add(struct store *store, const char *name, const struct digest *id, struct err *err);

/* Remembers that an output directory lies at this absolute path. Costs next to nothing where that
 * is known. */
int store_root_add_output(struct store *store, const char *path, struct err *err);

/* 1: the root is gone, 0: there is none of that name, or of that output's path; -1. */
int store_root_remove(struct store *store, const char *name, struct err *err);

#endif
