/* SPDX-License-Identifier: MIT */
/* The signed root of a Debian suite, InRelease: whom it comes from, and the hashes of its
 * indices. */
#ifndef BRUN_DEBIAN_RELEASE_H
#define BRUN_DEBIAN_RELEASE_H

#include <stdint.h>

#include "base/sha256.h"

struct buf;
struct err;

/* Where this host keeps the keys of Debian's archive, or NULL: it does not. */
const char *debian_release_find_keyring(void);

/* Has gpgv check the file `name` in the directory `dir_path` against a keyring and appends what was
 * signed to ret_text; leaves files of its own in the directory. STATUS_HASH where no signature is
 * good or one is bad, STATUS_SOURCE where gpgv cannot be run. */
int debian_release_verify(const char *dir_path, const char *name, const char *keyring,
	struct buf *ret_text, struct err *err);

/* The same text with no proof at all: what stands between the signature's armour. */
int debian_release_strip(const char *text, struct buf *ret_text, struct err *err);

/* Is the text about this suite (its Suite or Codename), for this architecture and component? */
int debian_release_check(const char *text, const char *suite, const char *component,
	const char *architecture, struct err *err);

/* What the text says of one index: SHA-256 and size in bytes. STATUS_SOURCE: it is not listed. */
int debian_release_find(const char *text, const char *path, struct digest *ret_sha256,
	uint64_t *ret_size, struct err *err);

#endif
