/* SPDX-License-Identifier: MIT */
/* The store: trees, blobs and action records, each committed atomically. Layout and commit
 * protocol are described at the top of store.c. */
#ifndef BRUN_STORE_H
#define BRUN_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sha256.h"

struct err;
struct store;
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

/* What an action produced. Strings are owned by the record: record_done. */
struct record {
	struct digest key, output; /* the tree id */
	char *name;
	char *components; /* the JSON text that was hashed into the key */
	uint64_t wall_ms, user_ms, system_ms, peak_memory, written_bytes;
	int64_t finished; /* seconds since the epoch */
};

/* 1: found, 0: not there (or damaged: then it counts as not there), -1: err. A record whose
 * output tree is gone is not there. */
int store_get_record(
	struct store *store, const struct digest *key, struct record *ret_record, struct err *err);
/* The same, whether its output tree is there or not: the id is good either way. */
int store_peek_record(
	struct store *store, const struct digest *key, struct record *ret_record, struct err *err);
/* The caller holds the action's lock. */
int store_put_record(struct store *store, const struct record *record, struct err *err);
/* A record whose tree is elsewhere, for store_peek_record; one that is there stays. Nothing is
 * synced: what a power cut damages is a record that is not there. May fail where a store is good
 * otherwise. */
int store_note_record(struct store *store, const struct record *record, struct err *err);
void record_done(struct record *record);

/* A new private directory in tmp/, held by a lock so that the next run's clean-up can tell the
 * living from the dead. Its path is absolute. store_tmp_free removes it. */
struct store_tmp {
	char *path;
	int fd;	     /* the directory */
	int lock_fd; /* flock held while it is in use */
};
int store_tmp_new(struct store *store, struct store_tmp *ret_tmp, struct err *err);
void store_tmp_free(struct store *store, struct store_tmp *tmp);

/* Makes a directory in it: its descriptor, or -1 and err. */
int store_tmp_dir(const struct store_tmp *tmp, const char *name, struct err *err);

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

/* Takes the lock of one action (by key, or by blob), waiting where another process or thread
 * has it; `waiting` is called once, with the owner's process id (0: unknown), before the wait.
 * A killed owner frees it. Cancelled (-1, STATUS_INTERRUPTED) when cancel_fd gets readable. */
int store_lock(struct store *store, const struct digest *key, int cancel_fd,
	void (*waiting)(void *context, int pid), void *context, int *ret_lock, struct err *err);
void store_unlock(struct store *store, int lock);

/* Has anybody this lock at the moment? */
bool store_is_locked(struct store *store, const struct digest *key);

/* A step's log: logs/KEY.log; opened for writing (truncated), or its absolute path. */
int store_create_log(struct store *store, const struct digest *key, int *ret_fd, struct err *err);
char *store_log_path(const struct store *store, const struct digest *key);

/* Removes what killed runs left in tmp/ and locks/. Cheap when there is nothing. */
int store_clean(struct store *store, struct err *err);

#endif
