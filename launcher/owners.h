/* SPDX-License-Identifier: MIT */
/* Which package of the distribution a file of a root file system belongs to. */
#ifndef BRUN_OWNERS_H
#define BRUN_OWNERS_H

struct sources;

/* Sets file->package of all files that were looked up so far, in sources that have dpkg's lists of
 * files (var/lib/dpkg/info/NAME.list). Lists that can't be read are as if they were not there. */
void owners_find(struct sources *sources);

#endif
