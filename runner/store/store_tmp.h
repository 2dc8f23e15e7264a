/* SPDX-License-Identifier: MIT */
/* Private directories in the store, on its own file system: what is made there gets its place by
 * rename. */
#ifndef BRUN_STORE_TMP_H
#define BRUN_STORE_TMP_H

struct err;
struct store;

struct store_tmp {
	char *path;  /* absolute */
	int fd;	     /* the directory */
	int lock_fd; /* flock held while it is in use */
};

/* A new one in tmp/, held by a lock so that the next run's clean-up can tell the living from the
 * dead. store_tmp_free removes it with all that is in it. */
int store_tmp_new(struct store *store, struct store_tmp *ret_tmp, struct err *err);
void store_tmp_free(struct store *store, struct store_tmp *tmp);

/* Makes a directory in it: its descriptor, or -1 and err. */
int store_tmp_dir(const struct store_tmp *tmp, const char *name, struct err *err);

/* Removes what killed runs left in tmp/ and locks/. Cheap when there is nothing. */
int store_clean(struct store *store, struct err *err);

#endif
