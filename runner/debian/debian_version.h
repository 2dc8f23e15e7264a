/* SPDX-License-Identifier: MIT */
/* Debian's version numbers and the relations that packages state about each other. */
#ifndef BRUN_DEBIAN_VERSION_H
#define BRUN_DEBIAN_VERSION_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;

enum debian_operator {
	DEBIAN_ANY, /* no version was asked for */
	DEBIAN_EARLIER,
	DEBIAN_EARLIER_EQUAL,
	DEBIAN_EQUAL,
	DEBIAN_LATER_EQUAL,
	DEBIAN_LATER,
};

/* One alternative of a relation field: "libc6 (>= 2.36)". */
struct debian_relation {
	const char *name;
	enum debian_operator operator;
	const char *version;  /* NULL with DEBIAN_ANY */
	bool has_alternative; /* a '|' follows: the next one belongs to the same group */
};

struct debian_relations {
	struct debian_relation *items;
	size_t count;
};

/* Less than, equal to or greater than 0 as a is earlier, the same or later (deb-version(7)). */
int debian_version_compare(const char *a, const char *b);

/* Does `version` satisfy "OPERATOR wanted"? version NULL (an unversioned Provides) satisfies only
 * DEBIAN_ANY. */
bool debian_version_satisfies(
	const char *version, enum debian_operator operator, const char * wanted);

/* Is this a package name, a version as policy spells them, a path in the pool? Such text needs no
 * quoting in JSON, in a URL's path, or in a message. */
bool debian_is_name(const char *text);
bool debian_is_version(const char *text);
bool debian_is_path(const char *text);

/* Parses a Depends-like field (deb-control(5)); architecture qualifiers and restrictions are read
 * over. The relations live in the arena. STATUS_SOURCE shows where the field is malformed. */
int debian_relations_parse(const char *text, struct arena *arena,
	struct debian_relations *ret_relations, struct err *err);

/* "name (>= version)" as text in the arena, for messages. */
const char *debian_relation_text(const struct debian_relation *relation, struct arena *arena);

#endif
