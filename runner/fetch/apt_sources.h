/* SPDX-License-Identifier: MIT */
/* Where the host's apt gets Debian packages from: sources.list(5), both forms. */
#ifndef BRUN_APT_SOURCES_H
#define BRUN_APT_SOURCES_H

struct addresses;

/* Adds BASE/path for each base address of a Debian archive that ROOT/etc/apt names. What can't be
 * read or understood there is the host's business and passed over. */
void apt_sources_add(const char *root, const char *path, struct addresses *addresses);

#endif
