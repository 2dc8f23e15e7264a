/* SPDX-License-Identifier: MIT */
/* `.brun` in an output directory: by it we know our own. */
#ifndef BRUN_STAMP_H
#define BRUN_STAMP_H

#include <stdbool.h>

struct digest;
struct err;

/* The name of the stamp; no tree may bring an entry of this name. */
extern const char stamp_name[];

/* Does the directory bear a stamp? Then the tree's id. */
bool stamp_read(int dirfd, struct digest *ret_id);

/* Writes one into the directory, which has none. */
int stamp_write(int dirfd, const struct digest *id, struct err *err);

#endif
