/* SPDX-License-Identifier: MIT */
/* Archives for tests, made in memory: tar and ar by hand, so that every header can lie. */
#ifndef BRUN_ARCHIVE_MAKER_H
#define BRUN_ARCHIVE_MAKER_H

#include <stddef.h>

struct buf;

/* Appends a ustar header of that type ('0' file, '1' hard link, '2' symlink, '5' directory, 'L' GNU
 * long name, 'x' pax, …) and the data, padded. */
void tar_add(struct buf *tar, char type, const char *name, const char *link, unsigned mode,
	const void *data, size_t size);

/* Short forms: an ordinary file with text in it, and the end mark. */
void tar_file(struct buf *tar, const char *name, const char *text);
void tar_end(struct buf *tar);

/* A pax record ("LENGTH KEY=VALUE\n") for the member that follows. */
void tar_pax(struct buf *tar, const char *key, const char *value);

/* Appends an ar member; the first call writes the magic. */
void ar_add(struct buf *ar, const char *name, const void *data, size_t size);

/* The data compressed by "gzip", "xz", "bzip2", "zstd", "lzip", "lzma" or "compress". */
void compressed(const char *filter, const void *data, size_t size, struct buf *ret_out);

/* A zip of one file (0755) and, if link is not NULL, a symlink "link" to it. */
void zip_of(const char *name, const char *text, const char *link, struct buf *ret_zip);

#endif
