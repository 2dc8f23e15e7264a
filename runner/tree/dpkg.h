/* SPDX-License-Identifier: MIT */
/* dpkg's records of what is installed, for a root file system that it did not make: whoever asks
 * dpkg-query, or reads them himself, learns which package a file is of. */
#ifndef BRUN_DPKG_H
#define BRUN_DPKG_H

#include <stddef.h>

struct gather;
struct plan_package;
struct tree;

/* Adds var/lib/dpkg/info/NAME.list: the package's paths as they are in its archive, before /usr is
 * merged, which is how dpkg writes them, too. */
void dpkg_add_list(
	struct gather *gather, const struct plan_package *package, const struct tree *tree);

/* Adds var/lib/dpkg/status, which has a stanza for each package. */
void dpkg_add_status(struct gather *gather, const struct plan_package *packages, size_t count);

#endif
