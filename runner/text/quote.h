/* SPDX-License-Identifier: MIT */
/* Names of strangers, made fit for an error message. */
#ifndef BRUN_QUOTE_H
#define BRUN_QUOTE_H

struct buf;
struct err;

/* The name in single quotes with control bytes as \n, \xNN and so on, cut (with …) where it is
 * longer than a few hundred bytes. The caller frees. */
char *quote_path(const char *path) __attribute__((malloc, returns_nonnull));

/* Records "VERB 'PATH'" with errno as the reason. Returns -1. */
int quote_failure(const char *verb, const char *path, struct err *err);

/* Appends a word for a command line that a person pastes into a shell: in quotes where it takes
 * some. */
void quote_for_shell(const char *word, struct buf *text);

#endif
