/* SPDX-License-Identifier: MIT */
/* What the store's own files share; nobody else includes it. */
#ifndef BRUN_STORE_ROOM_H
#define BRUN_STORE_ROOM_H

#include "store/store.h"

#include <pthread.h>

/* One syncfs serves every thread that asked before it began. */
struct store_sync {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	uint64_t begun, finished; /* numbers of syncs */
	bool is_running;
};

/* What this run holds (store_lease.c). */
struct store_lease {
	pthread_mutex_t mutex;
	int fd; /* -1: nothing yet */
	char name[64];
};

struct store {
	char *path; /* absolute */
	int fd;
	struct store_sync sync;
	struct store_lease lease;
};

/* "trees/0123…": a folder of the layout, a digest, a suffix ("" or ".json"). */
struct store_name {
	char text[96];
};
struct store_name store_name(const char *folder, const struct digest *digest, const char *suffix);

/* Where store_open(path) looks for the store; the caller frees. */
int store_find_path(const char *path, char **ret_path, struct err *err);

/* The folders of the layout, NULL-terminated. */
extern const char *const store_folders[];

/* The gate, a flock on the store's directory: LOCK_SH, LOCK_EX or LOCK_UN. Never held for long, and
 * whoever has it waits for no other lock. */
int store_gate(struct store *store, int operation, struct err *err);

/* Records why a flock failed, from errno, and what can be done about it. Returns -1. */
int store_explain_flock(const struct store *store, struct err *err);

/* Makes a lock file under a name that is new, and locks it: its descriptor. STORE_LOCK_TAKEN: the
 * name was there, or a clean-up, which removes what nobody has locked, came between; try another
 * name. -1: err. flags are open(2)'s besides. */
enum { STORE_LOCK_TAKEN = -2 };
int store_lock_new(struct store *store, const char *path, int flags, struct err *err);

/* Takes the lock that one collection, or one audit, at a time has; as store_lock. */
int store_lock_whole(struct store *store, int cancel_fd, void (*waiting)(void *context, int pid),
	void *context, int *ret_lock, struct err *err);

/* Is this a name of the layout's top level? */
bool store_is_layout(const char *name);

/* Makes the folders that stores of older versions lack. */
int store_make_folders(const struct store *store, struct err *err);

/* Moves a file or directory of the store into trash/ under this name; one that is not there is
 * fine. */
int store_set_aside(struct store *store, const char *path, const char *name, struct err *err);

/* Ends what this run holds. */
void store_release(struct store *store);

/* All that this thread has written to the store's file system is on the disk afterwards. */
int store_sync(struct store *store, struct err *err);

#endif
