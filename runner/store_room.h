/* SPDX-License-Identifier: MIT */
/* What the store's own files share; nobody else includes it. */
#ifndef BRUN_STORE_ROOM_H
#define BRUN_STORE_ROOM_H

#include "store.h"

#include <pthread.h>

/* One syncfs serves every thread that asked before it began. */
struct store_sync {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	uint64_t begun, finished; /* numbers of syncs */
	bool is_running;
};

struct store {
	char *path; /* absolute */
	int fd;
	struct store_sync sync;
};

/* "trees/0123…": a folder of the layout, a digest, a suffix ("" or ".json"). */
struct store_name {
	char text[96];
};
struct store_name store_name(const char *folder, const struct digest *digest, const char *suffix);

/* The folders of the layout, NULL-terminated. */
extern const char *const store_folders[];

/* All that this thread has written to the store's file system is on the disk afterwards. */
int store_sync(struct store *store, struct err *err);

#endif
