/* SPDX-License-Identifier: MIT */
/* A Packages index of a Debian archive, parsed: what there is, and who provides what. */
#ifndef BRUN_DEBIAN_INDEX_H
#define BRUN_DEBIAN_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/sha256.h"

struct err;

struct debian_package {
	const char *name, *version;
	const char *path; /* below the archive's root, "pool/main/…" */
	const char *pre_depends, *depends, *conflicts, *breaks, *provides; /* fields, "" for none */
	unsigned rank; /* by priority: 0 required … 4 extra or unknown */
	struct digest sha256;
	uint64_t size;
};

/* `package` provides `name`, in a version or (NULL) in none. */
struct debian_provider {
	const char *name, *version;
	const struct debian_package *package;
};

/* Zero-initialise; debian_index_done frees. */
struct debian_index {
	struct debian_package *packages; /* by name; of several versions the latest */
	size_t count;
	struct debian_provider *providers; /* by virtual name, then rank, then package name */
	size_t provider_count;
	char *text;
	struct arena arena;
};

/* Parses the text of a Packages file of one architecture; takes `text` (heap, NUL-terminated) on
 * success. Trusts nothing in it: STATUS_SOURCE says at which line what is wrong. */
int debian_index_parse(char *take_text, size_t length, const char *architecture,
	struct debian_index *ret_index, struct err *err);
void debian_index_done(struct debian_index *index);

/* The package of that name, or NULL. */
const struct debian_package *debian_index_find(const struct debian_index *index, const char *name);

/* The providers of a virtual name: the first of *ret_count; NULL and 0 where there are none. */
const struct debian_provider *debian_index_providers(
	const struct debian_index *index, const char *name, size_t *ret_count);

#endif
