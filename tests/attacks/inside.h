/* SPDX-License-Identifier: MIT */
/* What the steps of attacks share. /brun (file, program, link, dir/inner) is a read-only input,
 * /build and /dest are writable. */
#ifndef BRUN_ATTACKS_INSIDE_H
#define BRUN_ATTACKS_INSIDE_H

#include <stddef.h>
#include <sys/types.h>

/* The step: does what /script names; the status to exit with. */
int inside_main(const char *script);

/* What the driver tells about the outside: dir, pid, port, udp, abstract. "" where it does not. */
const char *told(const char *name);

/* Writes a file that may be there already; complains where it can't. */
void put(const char *path, const void *data, size_t length);

/* Makes a directory; complains where it can't. */
void make_dir(const char *path);

/* Prints what a file holds (the driver looks for its secrets in there), 64 KiB at most: the number
 * of bytes, or -1. */
ssize_t show(const char *path);

/* Copies this very program. */
void copy_self(const char *path, mode_t mode);

#endif
