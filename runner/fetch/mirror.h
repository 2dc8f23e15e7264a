/* SPDX-License-Identifier: MIT */
/* mirror://NAME/PATH addresses: where they lead on this machine. */
#ifndef BRUN_MIRROR_H
#define BRUN_MIRROR_H

#include <stddef.h>

struct err;

/* A table of mirrors. Zero-initialise; mirrors_done frees. */
struct mirrors {
	struct mirror {
		char *name, *url;
	} * items;
	size_t count;
	const char *root; /* where etc/apt is looked for; NULL: "/" (tests set it) */
};

/* Adds "NAME=URL" (from --mirror); STATUS_USAGE where it is not of that form. */
int mirrors_add(struct mirrors *mirrors, const char *name_is_url, struct err *err);
int mirrors_add_all(
	struct mirrors *mirrors, const char *const *names_are_urls, size_t count, struct err *err);
void mirrors_done(struct mirrors *mirrors);

/* The addresses to try for one URL, in order, NULL-terminated; free each and the array. A plain
 * http(s) or file URL gives itself. mirror://NAME/path gives, in this order and without repeats:
 * mirrors_add's entries, $BRUN_MIRROR_NAME, mirrors in $XDG_CONFIG_HOME/brun/config.json, for
 * NAME=debian the http(s) and file sources of the host's apt (sources.list and
 * sources.list.d, one-line and deb822), and the public default where NAME has one. None at all:
 * STATUS_SOURCE, and a hint how to name one. */
int mirrors_resolve(
	const struct mirrors *mirrors, const char *url, char ***ret_urls, struct err *err);

#endif
