/* SPDX-License-Identifier: MIT */
/* Names out of hostile trees, made fit for an error message. */
#ifndef BRUN_QUOTE_H
#define BRUN_QUOTE_H

/* The name in single quotes with control bytes as \n, \xNN and so on, cut (with …) where it is
 * longer than a few hundred bytes. The caller frees. */
char *quote_path(const char *path) __attribute__((malloc, returns_nonnull));

#endif
