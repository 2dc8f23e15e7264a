/* SPDX-License-Identifier: MIT */
/* Programs by the name that a person types. */
#ifndef BRUN_PROGRAM_H
#define BRUN_PROGRAM_H

struct err;

/* The path, absolute in the root, of a program: one with a slash in it is a path (from the current
 * directory where root is this machine's, else from the root's top); a name is looked up in
 * `search` (a $PATH; NULL: the usual directories of a root). The caller frees. NULL and err
 * (STATUS_USAGE) says where it was looked for. */
char *program_find(int root, const char *search, const char *name, struct err *err);

#endif
