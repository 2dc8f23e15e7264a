/* SPDX-License-Identifier: MIT */
/* The place of an output: a name in a directory, what stands there, and swapping it. */
#ifndef BRUN_SITE_H
#define BRUN_SITE_H

#include "base/sha256.h"

#include <stdbool.h>

struct err;

enum site_state {
	SITE_ABSENT,
	SITE_EMPTY,   /* an empty directory */
	SITE_OURS,    /* it bears our stamp */
	SITE_FOREIGN, /* anything else */
};

/* Zero-initialise; site_done frees. */
struct site {
	char *path; /* without slashes at its end */
	char *name; /* its last component */
	int parent; /* the directory that it is in */
	enum site_state state;
	struct digest id; /* SITE_OURS: the stamp's */
	/* SITE_OURS: a directory of this user's, or of root's. Anybody can write a stamp: what it
	 * says of another's is not believed. */
	bool is_believed;
};

/* Looks at the path. Errors (STATUS_USAGE): no name in it, parent missing or not writable, a
 * mount point. */
int site_open(const char *path, struct site *ret_site, struct err *err);
void site_done(struct site *site);

/* Makes a directory beside the place; *ret_fd holds the lock by which site_clean knows that it is
 * in use. The name is the caller's to free. */
int site_stage(const struct site *site, char **ret_staged, int *ret_fd, struct err *err);

/* Puts what is staged in the place by one rename and removes what stood there. */
int site_swap(const struct site *site, const char *staged, struct err *err);

/* Removes what killed runs left beside the place. */
void site_clean(const struct site *site);

#endif
