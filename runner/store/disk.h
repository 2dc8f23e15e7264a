/* SPDX-License-Identifier: MIT */
/* A disk that is full, or that lost something, in words. */
#ifndef BRUN_DISK_H
#define BRUN_DISK_H

struct err;

/* Where err is about a full disk (or quota), adds a line that says how much is free on the file
 * system of fd, and where that is. Returns -1. */
int disk_explain(int fd, struct err *err);

/* Adds a line to a failure: what to do about a tree of the store, open as fd, that is damaged.
 * Returns -1. */
int disk_explain_damage(int fd, struct err *err);

#endif
