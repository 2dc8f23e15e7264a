/* SPDX-License-Identifier: MIT */
/* Can the store be used, and what can the file system do that it lies on? */
#ifndef BRUN_STORE_EXAMINE_H
#define BRUN_STORE_EXAMINE_H

#include "base/finding.h"

struct err;

/* Opens the store as store_open does (making it where it is missing), tries what brun needs of its
 * file system in a directory of its own, and reports each. STATUS_STORE where the store can't be
 * used. */
int store_examine(const char *path, finding_fn *report, void *context, struct err *err);

#endif
