/* SPDX-License-Identifier: MIT */
/* What a run uses of the store, said aloud, so that a collection (store_gc.h) that goes on beside
 * it leaves that alone. A lease lasts until the store is closed; a killed run's ends with it.
 *
 * A look at the store proves nothing before the id is held: hold first, look afterwards. */
#ifndef BRUN_STORE_LEASE_H
#define BRUN_STORE_LEASE_H

#include <stddef.h>

struct digest;
struct err;
struct store;

/* Holds these trees and blobs, there or not yet. */
int store_hold(struct store *store, const struct digest *ids, size_t count, struct err *err);

/* Holds a tree, then looks: 1: it is there and stays; 0: not there (who puts it keeps it); -1. */
int store_hold_tree(struct store *store, const struct digest *id, struct err *err);

/* The lease goes over to the program that this process becomes. */
void store_hold_over_exec(struct store *store);

/* Notes that the output of the action with this key was asked for: a collection by age goes by it.
 * Now and then, that is; most calls find that it was noted a moment ago. */
void store_note_use(struct store *store, const struct digest *key);

/* For a collection, which has the gate (store_room.h) to itself: everything that living runs
 * hold. Appends to *ids, which is the caller's to free. */
int store_held(struct store *store, struct digest **ids, size_t *count, struct err *err);

#endif
