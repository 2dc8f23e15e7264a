/* SPDX-License-Identifier: MIT */
/* A step's directory: build/ (with source/ and home/ in it) and dest/. */
#ifndef BRUN_STEP_PLACE_H
#define BRUN_STEP_PLACE_H

struct action;
struct digest;
struct err;
struct store;

/* Makes it as `name` in dirfd, with the action's source laid out. */
int step_place_make(struct store *store, const struct action *action,
	const struct digest *input_ids, int dirfd, const char *name, struct err *err);

/* Where that of a failed step is kept (-K), relative to the store: "failed/" and the first 16
 * digits of the key. The caller frees. */
char *step_place_kept(const struct digest *key);

#endif
