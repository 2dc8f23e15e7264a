/* SPDX-License-Identifier: MIT */
/* A statement that is taken says the same when it is read again. So that something is, the input is
 * also taken as the lines before a signature that is right. */
#include "cache/statement.h"

#include "base/buf.h"
#include "base/sign.h"
#include "cache/cache_key.h"
#include "cache/remote_address.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct sign_secret secret = {{1, 2, 3}};

static void
check_again(const struct statement *statement, const char *text, size_t length)
{
	cleanup_buf struct buf again = {0};
	struct sign_public own;

	if (sign_public_of(&secret, &own, NULL) < 0 ||
		statement_print(statement, &secret, &again, NULL) < 0) {
		abort();
	}
	/* Signing is deterministic (RFC 8032): the same statement by the same key is the same
	 * text. */
	if (sign_public_equal(&own, &statement->signer) &&
		(again.length != length || memcmp(again.data, text, length) != 0)) {
		abort();
	}
}

static void
parse(const char *text, size_t length)
{
	struct statement statement;

	if (statement_parse(text, length, &statement, NULL) == 0) {
		check_again(&statement, text, length);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_buf struct buf text = {0};
	struct remote_address address;
	struct sign_public public;
	struct signature signature;
	char hex[SIGN_HEX];

	parse((const char *)data, size);
	if (sign_public_of(&secret, &public, NULL) < 0) {
		abort();
	}
	buf_add(&text, data, size);
	buf_printf(&text, "signer %s\n", sign_hex(public.bytes, SIGN_KEY_BYTES, hex));
	if (sign_make(&secret, text.data, text.length, &signature, NULL) < 0) {
		abort();
	}
	buf_printf(&text, "signature %s\n", sign_hex(signature.bytes, SIGN_BYTES, hex));
	parse(text.data, text.length);
	text.length = 0;
	buf_add(&text, data, size);
	(void)cache_key_parse(buf_text(&text), &public);
	if (remote_address_parse(buf_text(&text), &address, NULL) == 0) {
		remote_address_done(&address);
	}
	return 0;
}
