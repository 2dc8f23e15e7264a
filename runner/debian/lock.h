/* SPDX-License-Identifier: MIT */
/* `brun lock`: from the archive's signed index to the lock file. */
#ifndef BRUN_LOCK_H
#define BRUN_LOCK_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;
struct mirrors;

struct lock_request {
	const char *path; /* the lock file; one that is not there yet starts with the defaults */
	const char *const *added, *const *removed; /* names to want, names to want no more */
	size_t added_count, removed_count;
	const char *keyring;	/* NULL: where the host has one */
	bool is_insecure;	/* take the index without checking its signature */
	bool is_dry;		/* tell what would change, write nothing */
	const char *helper_dir; /* where fetch-helper and unpack-helper are */
	const struct mirrors *mirrors;
	int cancel_fd; /* readable: stop, STATUS_INTERRUPTED; -1: none */
};

/* Resolves what the lock wants anew and replaces the file where something changed. ret_report gets
 * a line a change and a summary. STATUS_SOURCE: the archive can't be had or has no such package;
 * STATUS_HASH: its signature or a hash is wrong; STATUS_RECIPE: the lock file is malformed. */
int lock_run(const struct lock_request *request, struct buf *ret_report, struct err *err);

#endif
