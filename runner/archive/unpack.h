/* SPDX-License-Identifier: MIT */
/* What unpack-helper does once it has confined itself: the one place that knows libarchive. */
#ifndef BRUN_UNPACK_H
#define BRUN_UNPACK_H

#include <stddef.h>
#include <stdint.h>

struct err;

struct unpack_options {
	unsigned strip;	    /* leading path components to drop */
	const char *single; /* name for the contents of a lone file, or NULL */
	uint64_t bytes, entries;
};

/* Loads what would otherwise be loaded on first use (locale, character sets): call it before the
 * process loses sight of the file system. */
void unpack_prepare(void);

/* Tells the archive that fd stands at the start of to the stream `to` (parcel.h), and how it went.
 * err, zero-initialised, is that, too. STATUS_SOURCE: the archive is bad (which member, what of
 * it); STATUS_LIMIT; STATUS_STORE: nobody reads the stream. */
int unpack_fd(int fd, int to, const struct unpack_options *options, struct err *err);

/* The same from memory. */
int unpack_memory(const void *data, size_t size, int to, const struct unpack_options *options,
	struct err *err);

#endif
