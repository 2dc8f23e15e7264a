/* SPDX-License-Identifier: MIT */
/* A hash against accidents, not against anybody's will: that is sha256.h. It costs nothing to
 * start, which libcrypto does. */
#ifndef BRUN_HASH_H
#define BRUN_HASH_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a, 64 bits. */
uint64_t hash_bytes(const void *data, size_t length);

#endif
