/* SPDX-License-Identifier: MIT */
/* Which package of the distribution a file of a root file system belongs to. */
#ifndef BRUN_OWNERS_H
#define BRUN_OWNERS_H

struct sources;

/* A package that is installed in a source. */
struct owner {
	const char *name;
	const char *version; /* NULL: not known */
};

/* Sets file->owner of all files that were looked up so far, in sources that have dpkg's records:
 * lists of files (var/lib/dpkg/info/NAME.list), and versions (var/lib/dpkg/status). What can't be
 * read is as if it were not there. */
void owners_find(struct sources *sources);

#endif
