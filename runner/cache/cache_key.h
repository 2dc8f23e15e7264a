/* SPDX-License-Identifier: MIT */
/* The keys of shared caches in their files and in print: "ed25519:" and 64 hex digits. */
#ifndef BRUN_CACHE_KEY_H
#define BRUN_CACHE_KEY_H

#include <stdbool.h>

#include "base/sign.h"

struct err;

enum { CACHE_KEY_TEXT = 8 + SIGN_KEY_HEX };

/* Writes the public key's text and a NUL; returns text. */
char *cache_key_print(const struct sign_public *public, char text[static CACHE_KEY_TEXT]);

/* Reads it; false on anything else. */
bool cache_key_parse(const char *text, struct sign_public *ret_public);

/* Reads the secret key: 1, or 0 where there is none. STATUS_USAGE: others may read it, or it is
 * none. */
int cache_key_read(struct sign_secret *ret_secret, struct err *err);

/* Makes a new one where there is none (0600), and reads it. */
int cache_key_make(struct sign_secret *ret_secret, struct err *err);

#endif
