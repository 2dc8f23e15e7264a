/* SPDX-License-Identifier: MIT */
/* One action is done by one process, and one thread of it, at a time. */
#ifndef BRUN_STORE_LOCK_H
#define BRUN_STORE_LOCK_H

#include <stdbool.h>

struct digest;
struct err;
struct store;

/* Takes the lock of one action (by key, or by blob), waiting where another process or thread
 * has it; `waiting` is called once, with the owner's process id (0: unknown), before the wait.
 * A killed owner frees it. Cancelled (-1, STATUS_INTERRUPTED) when cancel_fd gets readable. */
int store_lock(struct store *store, const struct digest *key, int cancel_fd,
	void (*waiting)(void *context, int pid), void *context, int *ret_lock, struct err *err);

/* Gives it up; the lock file goes. */
void store_unlock(struct store *store, int lock);

/* Has anybody this lock at the moment? */
bool store_is_locked(struct store *store, const struct digest *key);

#endif
