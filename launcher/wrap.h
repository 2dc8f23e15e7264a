/* SPDX-License-Identifier: MIT */
/* Which files of the output become launchers, and what each of them will start. */
#ifndef BRUN_WRAP_H
#define BRUN_WRAP_H

#include <stdbool.h>
#include <stddef.h>

#include "closure.h"
#include "config.h"
#include "furnish.h"
#include "glibc.h"

struct bundle;
struct entries;
struct packed_entry;
struct err;
struct notes;
struct pack_spec;
struct sources;

/* One launcher to be. */
struct wrap {
	struct packed_entry *entry; /* the visible file whose place it takes */
	enum config_kind kind;
	struct file *program; /* the file itself, or a script's interpreter */
	const char *program_name;
	bool is_payload; /* the program has data behind its segments: it goes into the launcher */
	struct closure closure;
	struct glibc_use use; /* of what glibc loads by itself */
	struct furnished furnished;
	const char *runpath;
	const char *argv0, *argument, *script; /* CONFIG_SCRIPT; as in image.h */
	/* CONFIG_SCRIPT: NULL, or what its launcher executes: a link to the interpreter's launcher,
	 * which is the visible one where there is one, else `inner`. */
	const char *runs;
	struct packed_entry *inner;
	const struct runtime_env *env; /* what its first line has env do */
	size_t env_count;
	struct bundle *bundle; /* where bundles_place put it */
	const char *exe;       /* "exe/NAME"; NULL: the payload */
};

struct wraps {
	struct wrap *items;
	size_t count, capacity;
};

/* Goes through the entries in order; a script's own text moves to a new entry beside it. Closures
 * are complete: what is opened at run time is in them. STATUS_UNPACKABLE says what is missing. */
int wraps_find(struct sources *sources, const struct pack_spec *spec, struct entries *entries,
	struct notes *notes, struct wraps *ret_wraps, struct err *err);
void wraps_done(struct wraps *wraps);

#endif
