/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4) by way of libcrypto, and digests as values. */
#ifndef BRUN_SHA256_H
#define BRUN_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum { DIGEST_BYTES = 32, DIGEST_HEX = 65 /* 64 lower-case hex digits and a NUL */ };

struct digest {
	uint8_t bytes[DIGEST_BYTES];
};

/* Writes 64 lower-case hex digits and a NUL; returns hex. */
char *digest_hex(const struct digest *digest, char hex[static DIGEST_HEX]);

/* Reads exactly 64 lower-case hex digits that end in a NUL; false on anything else. */
bool digest_parse(const char *hex, struct digest *ret_digest);

/* Not in constant time: digests are no secrets. */
bool digest_equal(const struct digest *a, const struct digest *b);

/* A running hash. sha256_init, any number of updates, then sha256_final, which also frees. */
struct sha256 {
	void *context;
};

void sha256_init(struct sha256 *hash);
void sha256_update(struct sha256 *hash, const void *data, size_t length);
struct digest sha256_final(struct sha256 *hash);

/* Frees a hash that was begun and not finished; safe on a finished one. */
void sha256_done(struct sha256 *hash);

/* The digest of a memory block. */
struct digest sha256_of(const void *data, size_t length);

/* The digest of what is left to read of fd; -1 and err on a read error. */
int sha256_fd(int fd, struct digest *ret_digest, struct err *err);

#endif
