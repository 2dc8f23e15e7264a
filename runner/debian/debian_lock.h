/* SPDX-License-Identifier: MIT */
/* The lock of the base: which Debian packages, in which version, with which bytes. The JSON form
 * is described at the top of debian_lock.c. */
#ifndef BRUN_DEBIAN_LOCK_H
#define BRUN_DEBIAN_LOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/sha256.h"

struct buf;
struct debian_index;
struct err;

/* Names in memcmp order, each once. */
struct debian_names {
	const char **items;
	size_t count;
};

struct debian_pin {
	const char *name, *version, *path;
	struct digest sha256;
	uint64_t size;
	struct debian_names depends; /* all of them pinned, too */
};

/* Zero-initialise; debian_lock_done frees. */
struct debian_lock {
	const char *suite, *component, *architecture;
	struct debian_names wanted;  /* what was asked for by name */
	struct debian_names assumed; /* counts as there and is never installed */
	struct debian_pin *pins;     /* by name */
	size_t count;
	struct arena arena;
};

/* Parses a lock. STATUS_RECIPE names the field that is wrong; a dependency that is not pinned,
 * or a wanted package that is not, is one such error. */
int debian_lock_parse(
	const char *text, size_t length, struct debian_lock *ret_lock, struct err *err);
void debian_lock_done(struct debian_lock *lock);

/* The canonical text: equal locks, equal bytes. */
void debian_lock_print(const struct debian_lock *lock, struct buf *ret_text);

/* Adds a name in its place, once; takes one out: was it there? */
void debian_names_add(struct debian_names *names, struct arena *arena, const char *name);
bool debian_names_remove(struct debian_names *names, const char *name);
bool debian_names_has(const struct debian_names *names, const char *name);

/* Fills in the pins from what lock->wanted and lock->assumed ask for: Pre-Depends and Depends, the
 * first alternative that can be had unless another one is there already, providers of virtual
 * packages by priority and name. Neither Essential nor Recommends count. STATUS_SOURCE says who
 * needs what cannot be had, or which two packages refuse each other. */
int debian_resolve(const struct debian_index *index, struct debian_lock *lock, struct err *err);

/* Appends a line a change ("+ name version", "- …", "~ name old -> new") and returns how many. */
size_t debian_lock_diff(
	const struct debian_lock *old, const struct debian_lock *now, struct buf *ret_text);

#endif
