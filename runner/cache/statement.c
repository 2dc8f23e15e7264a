/* SPDX-License-Identifier: MIT */
/* A statement: lines, in this order, each ended by one newline, words parted by one blank:
 *
 *	brun statement 2
 *	key HEX                     of the action
 *	output HEX                  the id of its tree
 *	archive HEX SIZE            SHA-256 and bytes of the tree's archive (enclose.c), or
 *	archive none                where the cache has only the record
 *	content BYTES ENTRIES       of the tree: of all files, and how many entries it has
 *	took WALL USER SYSTEM       milliseconds
 *	peak BYTES                  memory
 *	wrote BYTES                 to the disk; version 1 lacks this line
 *	finished SECONDS            since the epoch
 *	signer HEX                  a public key (Ed25519)
 *	signature HEX               by that key, of all bytes before this line
 *
 * Numbers are decimal without leading zeros. There is one text for one statement: what is read is
 * printed anew and has to come out the same, so nobody can say a thing in two ways. */
#include "cache/statement.h"

#include "base/buf.h"
#include "base/err.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NEWEST = 2 };

static void
print_unsigned(const struct statement *statement, struct buf *text)
{
	char hex[SIGN_HEX];

	buf_printf(text, "brun statement %u\nkey %s\n", statement->version,
		digest_hex(&statement->key, hex));
	buf_printf(text, "output %s\n", digest_hex(&statement->output, hex));
	if (statement->has_archive) {
		buf_printf(text, "archive %s %" PRIu64 "\n", digest_hex(&statement->archive, hex),
			statement->archive_size);
	} else {
		buf_puts(text, "archive none\n");
	}
	buf_printf(text, "content %" PRIu64 " %" PRIu64 "\n", statement->bytes, statement->entries);
	buf_printf(text, "took %" PRIu64 " %" PRIu64 " %" PRIu64 "\npeak %" PRIu64 "\n",
		statement->wall_ms, statement->user_ms, statement->system_ms,
		statement->peak_memory);
	if (statement->version > 1) {
		buf_printf(text, "wrote %" PRIu64 "\n", statement->written_bytes);
	}
	buf_printf(text, "finished %" PRId64 "\nsigner %s\n", statement->finished,
		sign_hex(statement->signer.bytes, SIGN_KEY_BYTES, hex));
}

int
statement_print(const struct statement *statement, const struct sign_secret *secret,
	struct buf *text, struct err *err)
{
	cleanup_buf struct buf body = {0};
	struct statement own = *statement;
	struct signature signature;
	char hex[SIGN_HEX];

	own.version = own.version ? own.version : NEWEST;
	if (sign_public_of(secret, &own.signer, err) < 0) {
		return -1;
	}
	print_unsigned(&own, &body);
	if (sign_make(secret, body.data, body.length, &signature, err) < 0) {
		return -1;
	}
	buf_printf(&body, "signature %s\n", sign_hex(signature.bytes, SIGN_BYTES, hex));
	buf_add(text, body.data, body.length);
	return 0;
}

/* What is left to read; a word that is not there makes it NULL, for good. */
struct reader {
	const char *at;
};

static bool
take(struct reader *reader, const char *text)
{
	size_t length = strlen(text);

	reader->at =
		reader->at && strncmp(reader->at, text, length) == 0 ? reader->at + length : NULL;
	return reader->at != NULL;
}

static void
take_bytes(struct reader *reader, const char *label, size_t size, uint8_t *ret_bytes)
{
	if (take(reader, label)) {
		reader->at = sign_unhex(reader->at, size, ret_bytes) ? reader->at + 2 * size : NULL;
	}
}

/* Up to 18 digits: what fits an int64_t. */
static uint64_t
take_number(struct reader *reader, const char *label)
{
	uint64_t number = 0;
	size_t digits;

	if (!take(reader, label)) {
		return 0;
	}
	digits = strspn(reader->at, "0123456789");
	for (size_t i = 0; i < digits && digits <= 18; i++) {
		number = number * 10 + (uint64_t)(reader->at[i] - '0');
	}
	reader->at = digits >= 1 && digits <= 18 ? reader->at + digits : NULL;
	return number;
}

static void
take_archive(struct reader *reader, struct statement *statement)
{
	static const char none[] = "\narchive none";

	if (reader->at && strncmp(reader->at, none, strlen(none)) == 0) {
		take(reader, none);
		return;
	}
	take_bytes(reader, "\narchive ", DIGEST_BYTES, statement->archive.bytes);
	statement->archive_size = take_number(reader, " ");
	statement->has_archive = true;
}

/* False where it is not of that form. */
static bool
read_lines(const char *text, struct statement *statement, struct signature *ret_signature,
	const char **ret_signed_end)
{
	struct reader reader = {text};

	statement->version = (unsigned)take_number(&reader, "brun statement ");
	take_bytes(&reader, "\nkey ", DIGEST_BYTES, statement->key.bytes);
	take_bytes(&reader, "\noutput ", DIGEST_BYTES, statement->output.bytes);
	take_archive(&reader, statement);
	statement->bytes = take_number(&reader, "\ncontent ");
	statement->entries = take_number(&reader, " ");
	statement->wall_ms = take_number(&reader, "\ntook ");
	statement->user_ms = take_number(&reader, " ");
	statement->system_ms = take_number(&reader, " ");
	statement->peak_memory = take_number(&reader, "\npeak ");
	if (statement->version > 1) {
		statement->written_bytes = take_number(&reader, "\nwrote ");
	}
	statement->finished = (int64_t)take_number(&reader, "\nfinished ");
	take_bytes(&reader, "\nsigner ", SIGN_KEY_BYTES, statement->signer.bytes);
	take(&reader, "\n");
	*ret_signed_end = reader.at;
	take_bytes(&reader, "signature ", SIGN_BYTES, ret_signature->bytes);
	take(&reader, "\n");
	return reader.at && !*reader.at && statement->version >= 1 && statement->version <= NEWEST;
}

int
statement_parse(const char *text, size_t length, struct statement *ret_statement, struct err *err)
{
	cleanup_buf struct buf again = {0}, whole = {0};
	struct statement statement = {0};
	struct signature signature;
	const char *end = NULL;

	if (length == 0 || length > STATEMENT_MOST || memchr(text, '\0', length)) {
		return err_fail(err, STATUS_SOURCE, "it is no signed record");
	}
	buf_add(&whole, text, length);
	if (!read_lines(whole.data, &statement, &signature, &end) ||
		(statement.has_archive && !statement.archive_size)) {
		return err_fail(err, STATUS_SOURCE, "it is no signed record");
	}
	size_t signed_length = (size_t)(end - whole.data);
	print_unsigned(&statement, &again);
	if (again.length != signed_length || memcmp(again.data, whole.data, signed_length) != 0) {
		return err_fail(err, STATUS_SOURCE, "it is no signed record");
	}
	if (!sign_verify(&statement.signer, whole.data, signed_length, &signature)) {
		return err_fail(err, STATUS_SOURCE, "its signature is not right");
	}
	*ret_statement = statement;
	return 0;
}
