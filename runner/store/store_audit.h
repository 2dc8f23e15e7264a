/* SPDX-License-Identifier: MIT */
/* Is everything in a store what it says? */
#ifndef BRUN_STORE_AUDIT_H
#define BRUN_STORE_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct store;

/* Something that is wrong. Texts are borrowed for the call. */
struct audit_problem {
	const char *what; /* "tree", "record", "fetched file", "stray" */
	const char *path; /* in the store */
	const char *name; /* of the action, where that is known, or "" */
	const char *why;
	enum audit_repair {
		AUDIT_LEFT,
		AUDIT_SET_ASIDE, /* it is in trash/, and what rests on it is forgotten */
		AUDIT_IN_USE,	 /* by a running build: it can't be touched now */
	} repair;
};

struct audit_options {
	bool repairs;
	int cancel_fd;				 /* readable: stop, STATUS_INTERRUPTED; -1 */
	void (*waiting)(void *context, int pid); /* for a collection, or another audit */
	void (*report)(void *context, const struct audit_problem *problem); /* one at a time */
	void *context;
};

struct audit_result {
	size_t trees, blobs, records;
	size_t treeless; /* records whose output is not here (a cache may have it): no fault */
	size_t logless;	 /* records of steps whose log is gone: no fault */
	uint64_t files, bytes; /* that were read */
	size_t problems, repaired;
};

/* Hashes every tree against its manifest and its id and every blob against its name, reads every
 * record, and looks for what belongs nowhere; on all processors, each file once. 0, however much is
 * wrong. */
int store_audit(struct store *store, const struct audit_options *options,
	struct audit_result *ret_result, struct err *err);

#endif
