/* SPDX-License-Identifier: MIT */
/* A file on its way here: what has come of it, hashed as it came. */
#ifndef BRUN_DOWNLOAD_H
#define BRUN_DOWNLOAD_H

#include "base/sha256.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct download {
	int fd; /* owned */
	uint64_t done, limit;
	uint64_t total; /* bytes that there will be; 0: unknown */
	struct sha256 hash;
	bool was_resumed; /* its bytes came in more than one answer */
	int number;	  /* errno of the write that failed, or 0 */
};

/* Takes fd, an empty file; `limit` bytes at most may come. */
void download_init(struct download *download, int fd, uint64_t limit);
void download_done(struct download *download);

/* Forgets all that has come. */
void download_restart(struct download *download);

/* Appends; false when the limit is reached (number is 0) or it can't be written. */
bool download_write(struct download *download, const void *data, size_t length);

/* The hash of what has come; the download can't go on after that. */
struct digest download_digest(struct download *download);

#endif
