/* SPDX-License-Identifier: MIT */
/* Signatures: Ed25519 (RFC 8032) by way of libcrypto, and keys and signatures as values. */
#ifndef BRUN_SIGN_H
#define BRUN_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum {
	SIGN_KEY_BYTES = 32,
	SIGN_BYTES = 64,
	SIGN_KEY_HEX = 2 * SIGN_KEY_BYTES + 1,
	SIGN_HEX = 2 * SIGN_BYTES + 1
};

struct sign_public {
	uint8_t bytes[SIGN_KEY_BYTES];
};

/* The seed that RFC 8032 calls the private key. */
struct sign_secret {
	uint8_t bytes[SIGN_KEY_BYTES];
};

struct signature {
	uint8_t bytes[SIGN_BYTES];
};

/* A new key from the kernel's random numbers. */
int sign_new(struct sign_secret *ret_secret, struct err *err);

/* The public key that belongs to a secret one. */
int sign_public_of(
	const struct sign_secret *secret, struct sign_public *ret_public, struct err *err);

/* Signs the bytes; the same bytes and key give the same signature. */
int sign_make(const struct sign_secret *secret, const void *data, size_t length,
	struct signature *ret_signature, struct err *err);

/* Is it this key's signature of these bytes? */
bool sign_verify(const struct sign_public *public, const void *data, size_t length,
	const struct signature *signature);

/* Not in constant time: neither is a secret. */
bool sign_public_equal(const struct sign_public *a, const struct sign_public *b);

/* Writes 2 * size lower-case hex digits and a NUL; returns hex. */
char *sign_hex(const uint8_t *bytes, size_t size, char *hex);

/* Reads exactly 2 * size lower-case hex digits, whatever follows them. */
bool sign_unhex(const char *hex, size_t size, uint8_t *ret_bytes);

#endif
