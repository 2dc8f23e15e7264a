/* SPDX-License-Identifier: MIT */
#include "sha256.h"

#include "err.h"
#include "mem.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *
digest_hex(const struct digest *digest, char hex[static DIGEST_HEX])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		hex[2 * i] = digits[digest->bytes[i] >> 4];
		hex[2 * i + 1] = digits[digest->bytes[i] & 15];
	}
	hex[DIGEST_HEX - 1] = '\0';
	return hex;
}

static int
nibble(char digit)
{
	if (digit >= '0' && digit <= '9') {
		return digit - '0';
	}
	if (digit >= 'a' && digit <= 'f') {
		return digit - 'a' + 10;
	}
	return -1;
}

bool
digest_parse(const char *hex, struct digest *ret_digest)
{
	struct digest digest;

	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		int high = nibble(hex[2 * i]);
		if (high < 0) {
			return false;
		}
		int low = nibble(hex[2 * i + 1]);
		if (low < 0) {
			return false;
		}
		digest.bytes[i] = (uint8_t)(high << 4 | low);
	}
	if (hex[DIGEST_HEX - 1] != '\0') {
		return false;
	}
	*ret_digest = digest;
	return true;
}

bool
digest_equal(const struct digest *a, const struct digest *b)
{
	return memcmp(a->bytes, b->bytes, DIGEST_BYTES) == 0;
}

/* libcrypto fails here only when memory does, or when its build lacks SHA-256: no way on. */
static void
must(int result)
{
	if (result != 1) {
		abort();
	}
}

void
sha256_init(struct sha256 *hash)
{
	hash->context = EVP_MD_CTX_new();
	must(hash->context != NULL);
	must(EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL));
}

void
sha256_update(struct sha256 *hash, const void *data, size_t length)
{
	must(EVP_DigestUpdate(hash->context, data, length));
}

struct digest
sha256_final(struct sha256 *hash)
{
	struct digest digest;

	must(EVP_DigestFinal_ex(hash->context, digest.bytes, NULL));
	sha256_done(hash);
	return digest;
}

void
sha256_done(struct sha256 *hash)
{
	EVP_MD_CTX_free(hash->context);
	hash->context = NULL;
}

struct digest
sha256_of(const void *data, size_t length)
{
	struct sha256 hash;

	sha256_init(&hash);
	sha256_update(&hash, data, length);
	return sha256_final(&hash);
}

int
sha256_fd(int fd, struct digest *ret_digest, struct err *err)
{
	enum { CHUNK = 256 * 1024 };
	cleanup_free void *chunk = mem_alloc(CHUNK);
	struct sha256 hash;

	sha256_init(&hash);
	for (;;) {
		ssize_t got = read(fd, chunk, CHUNK);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			sha256_done(&hash);
			return err_set(err, errno, "reading a file to hash it");
		}
		if (got == 0) {
			*ret_digest = sha256_final(&hash);
			return 0;
		}
		sha256_update(&hash, chunk, (size_t)got);
	}
}
