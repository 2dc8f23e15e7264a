/* SPDX-License-Identifier: MIT */
/* Files beside the recipes that a plan's globs rest on. */
#ifndef BRUN_GLOBBED_H
#define BRUN_GLOBBED_H

struct buf;
struct err;
struct plan;

/* Appends the absolute paths, each NUL-terminated, of every directory that a glob of the plan looks
 * into and of everything that one selects: as long as none of them changes, the globs' trees stay
 * the same. The descriptors are build.h's. */
int globbed_paths(
	const struct plan *plan, int root_fd, int library_fd, struct buf *paths, struct err *err);

#endif
