/* SPDX-License-Identifier: MIT */
#include "sign.h"

#include "err.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/random.h>

/* Only where libcrypto has no memory, or was built or set up (FIPS) without Ed25519. */
static int
refuse(struct err *err)
{
	return err_set(err, 0, "libcrypto refuses Ed25519");
}

int
sign_new(struct sign_secret *ret_secret, struct err *err)
{
	if (getrandom(ret_secret->bytes, SIGN_KEY_BYTES, 0) != SIGN_KEY_BYTES) {
		return err_set(err, errno, "getrandom");
	}
	return 0;
}

int
sign_public_of(const struct sign_secret *secret, struct sign_public *ret_public, struct err *err)
{
	struct sign_public public;
	size_t length = sizeof(public.bytes);
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(
		EVP_PKEY_ED25519, NULL, secret->bytes, sizeof(secret->bytes));
	bool is_good = key && EVP_PKEY_get_raw_public_key(key, public.bytes, &length) == 1;

	EVP_PKEY_free(key);
	if (!is_good) {
		return refuse(err);
	}
	*ret_public = public;
	return 0;
}

int
sign_make(const struct sign_secret *secret, const void *data, size_t length,
	struct signature *ret_signature, struct err *err)
{
	struct signature signature;
	size_t size = sizeof(signature.bytes);
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(
		EVP_PKEY_ED25519, NULL, secret->bytes, sizeof(secret->bytes));
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool is_good = key && context && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
		       EVP_DigestSign(context, signature.bytes, &size, data, length) == 1;

	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	if (!is_good) {
		return refuse(err);
	}
	*ret_signature = signature;
	return 0;
}

bool
sign_verify(const struct sign_public *public, const void *data, size_t length,
	const struct signature *signature)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(
		EVP_PKEY_ED25519, NULL, public->bytes, sizeof(public->bytes));
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool is_good = key && context &&
		       EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
		       EVP_DigestVerify(context, signature->bytes, sizeof(signature->bytes), data,
			       length) == 1;

	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return is_good;
}

bool
sign_public_equal(const struct sign_public *a, const struct sign_public *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

char *
sign_hex(const uint8_t *bytes, size_t size, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex[2 * size] = '\0';
	return hex;
}

bool
sign_unhex(const char *hex, size_t size, uint8_t *ret_bytes)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		const char *high = hex[2 * i] ? strchr(digits, hex[2 * i]) : NULL;
		const char *low = high && hex[2 * i + 1] ? strchr(digits, hex[2 * i + 1]) : NULL;
		if (!low) {
			return false;
		}
		ret_bytes[i] = (uint8_t)((high - digits) << 4 | (low - digits));
	}
	return true;
}
