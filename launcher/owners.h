/* SPDX-License-Identifier: MIT */
/* Which package of the distribution a file of a root file system belongs to. */
#ifndef BRUN_OWNERS_H
#define BRUN_OWNERS_H

struct source;
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

/* Calls with each owner of the file at this path of the source, or of what was looked up below it;
 * more than once with the same. */
typedef void owners_visit(void *context, const struct owner *owner);
void owners_below(const struct sources *sources, const struct source *source, const char *path,
	owners_visit *visit, void *context);

#endif
