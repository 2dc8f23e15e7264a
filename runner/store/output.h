/* SPDX-License-Identifier: MIT */
/* The output directory that `brun build -o DIR` leaves for a person. */
#ifndef BRUN_OUTPUT_H
#define BRUN_OUTPUT_H

#include <stdbool.h>

struct digest;
struct err;
struct store;

/* May `path` be (re)placed? Its parent must exist, and what stands there must be absent, empty,
 * or an output of ours (it bears our stamp), else STATUS_USAGE; is_forced waives the last. Called
 * before the build, so that nobody waits for an hour to be told. */
int output_check(const char *path, bool is_forced, struct err *err);

/* Makes `path` hold a copy of the tree: built beside it, swapped in by one rename. A path that
 * holds this very tree already (by its stamp) is left alone: *ret_is_fresh is then false. The stamp
 * decides: what somebody has added or changed there since is not looked for, for that would mean
 * reading all of it (brun inspect --verify does). Either way a collection keeps the tree from then
 * on (store_roots.h). */
int output_write(struct store *store, const struct digest *tree_id, const char *path,
	bool is_forced, bool *ret_is_fresh, struct err *err);

/* Fills the empty directory to_fd. 0, or -1 and err. */
typedef int output_fill_fn(void *context, int to_fd, struct err *err);

/* Makes `path` hold what `fill` makes: beside it, swapped in by one rename, with the stamp of that
 * tree. Where it fails, what stands in the place stays. */
int output_make(
	const char *path, bool is_forced, output_fill_fn *fill, void *context, struct err *err);

#endif
