/* SPDX-License-Identifier: MIT */
/* Where a loader looks for libraries when nothing else says so. */
#ifndef BRUN_LIBDIRS_H
#define BRUN_LIBDIRS_H

#include <stdint.h>

struct source;
struct sources;

/* Finds source->library_dirs: those of a root file system come from its etc/ld.so.conf and the
 * defaults of the distributions, those of an installed prefix are its lib directories. Only
 * directories that exist, each once. */
void libdirs_find(struct sources *sources, struct source *source);

/* What $PLATFORM and Debian's $LIB stand for on a machine (ld.so(8)): "x86_64" and
 * "x86_64-linux-gnu". */
const char *libdirs_platform(uint16_t machine);
const char *libdirs_triplet(uint16_t machine);

#endif
