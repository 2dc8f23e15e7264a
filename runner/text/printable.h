/* SPDX-License-Identifier: MIT */
/* Text from strangers (member names, servers' answers) made fit for a terminal. */
#ifndef BRUN_PRINTABLE_H
#define BRUN_PRINTABLE_H

/* A heap copy on one line, cut behind 200 bytes with "...". What a terminal would obey instead of
 * show, and bytes that are not UTF-8, are '?'. */
char *printable_name(const char *text);

/* The same, uncut, with its lines and tabs. */
char *printable_text(const char *text);

#endif
