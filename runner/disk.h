/* SPDX-License-Identifier: MIT */
/* A disk that is full, in words. */
#ifndef BRUN_DISK_H
#define BRUN_DISK_H

struct err;

/* Where err is about a full disk (or quota), adds a line that says how much is free on the file
 * system of fd, and where that is. Returns -1. */
int disk_explain(int fd, struct err *err);

#endif
