/* SPDX-License-Identifier: MIT */
/* The launchers of a packed tree: what each is told. */
#ifndef BRUN_LAUNCHERS_H
#define BRUN_LAUNCHERS_H

struct arena;
struct entries;
struct err;
struct pack_spec;
struct wraps;

/* Makes the contents of every entry that a launcher takes the place of. The bundles have their
 * names; the wraps' kinds and paths are final. STATUS_UNPACKABLE: there is no launcher for the
 * machine, or it cannot hold so much. */
int launchers_make(const struct pack_spec *spec, struct arena *arena, const struct entries *entries,
	const struct wraps *wraps, struct err *err);

#endif
