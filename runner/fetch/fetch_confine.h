/* SPDX-License-Identifier: MIT */
/* What a process that talks to strange servers can do without. */
#ifndef BRUN_FETCH_CONFINE_H
#define BRUN_FETCH_CONFINE_H

struct err;

/* Ends with its parent; no new privileges; no descriptor but 0 to 2; where the kernel has
 * Landlock: no file is made, removed, opened for writing or executed from here on. */
int fetch_confine(struct err *err);

#endif
