/* SPDX-License-Identifier: MIT */
/* The store: trees and blobs, each committed atomically. Beside them are records (record.h), logs
 * (store_log.h), locks (store_lock.h) and private directories (store_tmp.h). Layout and commit
 * protocol are described at the top of store.c. */
#ifndef BRUN_STORE_H
#define BRUN_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sha256.h"

struct err;
struct store;
struct store_tmp;
struct tree;

/* Opens (and makes, 0700) the store: path, or $BRUN_STORE, or $XDG_DATA_HOME/brun, or
 * ~/.local/share/brun. Errors: not a directory, not writable, not ours, another layout version. */
int store_open(const char *path, struct store **ret_store, struct err *err);
void store_close(struct store *store);

/* At a declaration (NULL, or an open one): closes it when the scope ends. */
void store_close_slot(struct store **slot);
#define cleanup_store __attribute__((cleanup(store_close_slot)))

/* The absolute path of the store, and a descriptor of it (borrowed). */
const char *store_path(const struct store *store);
int store_fd(const struct store *store);

/* Commits the directory `name` in tmp, which holds exactly `tree` in store form (tree_import
 * made it), as trees/ID; a tree that is there already is left as it is. */
int store_put_tree(struct store *store, struct store_tmp *tmp, const char *name,
	const struct tree *tree, struct err *err);

/* 1 and the parsed manifest, 0 not there, -1 err. */
int store_get_tree(
	struct store *store, const struct digest *id, struct tree *ret_tree, struct err *err);
bool store_has_tree(struct store *store, const struct digest *id);

/* The directory of a tree, absolute; the caller frees. It exists if store_has_tree said so. */
char *store_tree_path(const struct store *store, const struct digest *id);

/* Blobs: fetched files. The file `name` in tmp must already have been checked. */
bool store_has_blob(struct store *store, const struct digest *sha256);
char *store_blob_path(const struct store *store, const struct digest *sha256);
int store_put_blob(struct store *store, struct store_tmp *tmp, const char *name,
	const struct digest *sha256, struct err *err);

#endif
