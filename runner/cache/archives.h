/* SPDX-License-Identifier: MIT */
/* Archives of trees of the store, for sending: a tree may be the output of several actions, so it
 * is remembered what the archive of each came to. */
#ifndef BRUN_ARCHIVES_H
#define BRUN_ARCHIVES_H

#include "store/store.h"
#include "store/store_tmp.h"

#include <pthread.h>
#include <stdbool.h>

struct err;
struct made;
struct statement;
struct tree;

/* Set the first three and the mutex; archives_done frees. Any thread. */
struct archives {
	struct store *store;
	const char *helper; /* unpack-helper's path */
	int cancel_fd;
	pthread_mutex_t mutex;
	struct made *made;
};
void archives_done(struct archives *archives);

/* An archive in a directory of tmp; fd is -1 before it is made. */
struct loaded {
	struct store_tmp tmp;
	int fd;
};
void loaded_done(struct archives *archives, struct loaded *loaded);

/* Was the archive of the statement's output made before? Then says which it is in the statement. */
bool archives_find(struct archives *archives, struct statement *statement);

/* Makes it, unless it is loaded, and says which it is in the statement. */
int archives_make(struct archives *archives, const struct tree *tree, struct statement *statement,
	struct loaded *loaded, struct err *err);

#endif
