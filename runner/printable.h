/* SPDX-License-Identifier: MIT */
/* Text from strangers (member names, servers' answers) made fit for a terminal. */
#ifndef BRUN_PRINTABLE_H
#define BRUN_PRINTABLE_H

/* A heap copy on one line, control characters as '?', cut behind 200 bytes with "...". */
char *printable_name(const char *text);

/* A heap copy whose lines stay; every other control character becomes '?'. */
char *printable_text(const char *text);

#endif
