/* SPDX-License-Identifier: MIT */
/* Signatures, keys in print and in files, and statements: what is taken and what is not. */
#include "cache/statement.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/sign.h"
#include "cache/cache_key.h"
#include "cache/remote_address.h"
#include "scratch.h"

#include "test.h"

/* RFC 8032, 7.1, TEST 2. */
static const char secret_hex[] = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
static const char public_hex[] = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
static const char signature_hex[] =
	"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

static struct sign_secret
secret(void)
{
	struct sign_secret secret;

	CHECK(sign_unhex(secret_hex, SIGN_KEY_BYTES, secret.bytes));
	return secret;
}

TEST(a_signature_is_that_of_the_standard)
{
	struct sign_secret key = secret();
	struct sign_public public;
	struct signature signature;
	char hex[SIGN_HEX];

	CHECK(sign_public_of(&key, &public, NULL) == 0);
	CHECK_TEXT(sign_hex(public.bytes, SIGN_KEY_BYTES, hex), public_hex);
	CHECK(sign_make(&key, "r", 1, &signature, NULL) == 0);
	CHECK_TEXT(sign_hex(signature.bytes, SIGN_BYTES, hex), signature_hex);
	CHECK(sign_verify(&public, "r", 1, &signature));
	CHECK(!sign_verify(&public, "s", 1, &signature));
	public.bytes[0] ^= 1;
	CHECK(!sign_verify(&public, "r", 1, &signature));
}

TEST(new_keys_differ)
{
	struct sign_secret one, other;

	CHECK(sign_new(&one, NULL) == 0 && sign_new(&other, NULL) == 0);
	CHECK(memcmp(&one, &other, sizeof(one)) != 0);
}

static struct statement
example(void)
{
	struct statement statement = {
		.key = sha256_of("key", 3),
		.output = sha256_of("output", 6),
		.has_archive = true,
		.archive = sha256_of("archive", 7),
		.archive_size = 12345,
		.bytes = 0,
		.entries = 3,
		.wall_ms = 1,
		.user_ms = 2,
		.system_ms = 3,
		.peak_memory = 999999999999999999,
		.written_bytes = 77,
		.finished = 1700000000,
	};

	return statement;
}

static void
print(const struct statement *statement, struct buf *text)
{
	struct sign_secret key = secret();

	CHECK(statement_print(statement, &key, text, NULL) == 0);
}

TEST(a_statement_reads_back)
{
	for (int has_archive = 0; has_archive < 2; has_archive++) {
		cleanup_buf struct buf text = {0}, again = {0};
		struct statement read, statement = example();
		char hex[SIGN_HEX];
		statement.has_archive = has_archive;
		print(&statement, &text);
		CHECK_OR_RETURN(statement_parse(text.data, text.length, &read, NULL) == 0);
		CHECK(read.has_archive == has_archive && digest_equal(&read.key, &statement.key) &&
			digest_equal(&read.output, &statement.output) &&
			read.peak_memory == statement.peak_memory && read.written_bytes == 77 &&
			read.finished == statement.finished && read.entries == 3);
		CHECK(!has_archive || read.archive_size == 12345);
		CHECK_TEXT(sign_hex(read.signer.bytes, SIGN_KEY_BYTES, hex), public_hex);
		print(&read, &again);
		CHECK_TEXT(buf_text(&again), buf_text(&text));
	}
}

TEST(no_byte_of_a_statement_can_be_another)
{
	cleanup_buf struct buf text = {0};
	struct statement read, statement = example();
	size_t taken = 0;

	print(&statement, &text);
	for (size_t i = 0; i < text.length; i++) {
		for (int bit = 1; bit < 256; bit <<= 1) {
			text.data[i] = (char)(text.data[i] ^ bit);
			taken += statement_parse(text.data, text.length, &read, NULL) == 0;
			text.data[i] = (char)(text.data[i] ^ bit);
		}
	}
	CHECK(taken == 0);
	CHECK(statement_parse(text.data, text.length, &read, NULL) == 0);
}

TEST(nothing_can_be_missing_or_too_much)
{
	cleanup_buf struct buf text = {0};
	struct statement read, statement = example();
	size_t taken = 0;

	print(&statement, &text);
	for (size_t length = 0; length < text.length; length++) {
		taken += statement_parse(text.data, length, &read, NULL) == 0;
	}
	CHECK(taken == 0);
	buf_puts(&text, "\n");
	CHECK(statement_parse(text.data, text.length, &read, NULL) == -1);
	text.data[text.length - 1] = '\0';
	CHECK(statement_parse(text.data, text.length, &read, NULL) == -1);
}

TEST(a_statement_of_the_first_version_is_taken)
{
	cleanup_buf struct buf text = {0}, again = {0};
	struct statement read, statement = example();

	statement.version = 1;
	print(&statement, &text);
	CHECK(strstr(text.data, "brun statement 1\n") == text.data && !strstr(text.data, "wrote"));
	CHECK_OR_RETURN(statement_parse(text.data, text.length, &read, NULL) == 0);
	CHECK(read.version == 1 && read.written_bytes == 0);
	print(&read, &again);
	CHECK_TEXT(buf_text(&again), buf_text(&text));
}

/* Signed by who may sign: but there is one way to say a thing. */
static bool
is_taken_if_signed(const char *from, const char *to)
{
	cleanup_buf struct buf text = {0}, other = {0};
	struct sign_secret key = secret();
	struct statement read, statement = example();
	struct signature signature;
	char hex[SIGN_HEX];

	print(&statement, &text);
	char *at = strstr(text.data, from), *end = strstr(text.data, "signature ");
	CHECK(at && end);
	buf_add(&other, text.data, (size_t)(at - text.data));
	buf_puts(&other, to);
	buf_add(&other, at + strlen(from), (size_t)(end - at) - strlen(from));
	CHECK(sign_make(&key, other.data, other.length, &signature, NULL) == 0);
	buf_printf(&other, "signature %s\n", sign_hex(signature.bytes, SIGN_BYTES, hex));
	return statement_parse(other.data, other.length, &read, NULL) == 0;
}

TEST(there_is_one_way_to_say_a_thing)
{
	CHECK(is_taken_if_signed("took 1 2 3", "took 1 2 4"));
	CHECK(!is_taken_if_signed("took 1 2 3", "took 01 2 3"));
	CHECK(!is_taken_if_signed("took 1 2 3", "took 1  2 3"));
	CHECK(!is_taken_if_signed("took 1 2 3", "took 1 2 -3"));
	CHECK(!is_taken_if_signed("took 1 2 3", "took 1 2 99999999999999999999"));
	CHECK(!is_taken_if_signed(" 12345\n", " 0\n"));
	CHECK(!is_taken_if_signed("brun statement 2", "brun statement 1"));
	CHECK(!is_taken_if_signed("brun statement 2", "brun statement 3"));
	CHECK(!is_taken_if_signed("wrote 77\n", ""));
	CHECK(!is_taken_if_signed("\ntook", "\nmore 1\ntook"));
	CHECK(!is_taken_if_signed("signer 3d", "signer 3D"));
	CHECK(!is_taken_if_signed("\nkey ", "\nkey  "));
}

TEST(a_public_key_reads_back_and_nothing_else_does)
{
	struct sign_public public, again;
	struct sign_secret key = secret();
	char text[CACHE_KEY_TEXT];

	CHECK(sign_public_of(&key, &public, NULL) == 0);
	CHECK(cache_key_parse(cache_key_print(&public, text), &again) &&
		sign_public_equal(&public, &again));
	text[CACHE_KEY_TEXT - 2] = '\0';
	CHECK(!cache_key_parse(text, &again));
	CHECK(!cache_key_parse("", &again) && !cache_key_parse("ed25519:", &again));
}

TEST(a_secret_key_file_is_private_and_whole)
{
	struct scratch scratch = scratch_new();
	struct sign_secret made, read;
	struct err err = {0};
	cleanup_free char *path = mem_printf("%s/some/where/key", scratch.path);

	setenv("BRUN_CACHE_KEY", path, 1);
	CHECK(cache_key_read(&read, NULL) == 0);
	CHECK(cache_key_make(&made, NULL) == 0);
	CHECK(cache_key_read(&read, NULL) == 1 && memcmp(&made, &read, sizeof(made)) == 0);
	CHECK(cache_key_make(&read, NULL) == 0 && memcmp(&made, &read, sizeof(made)) == 0);
	CHECK((scratch_mode(AT_FDCWD, path) & 07777) == 0600);
	CHECK(chmod(path, 0640) == 0 && cache_key_read(&read, &err) == -1 &&
		err.status == STATUS_USAGE);
	CHECK(chmod(path, 0600) == 0 && truncate(path, 40) == 0);
	CHECK(cache_key_read(&read, NULL) == -1);
	unsetenv("BRUN_CACHE_KEY");
	scratch_done(&scratch);
}

TEST(addresses_lead_where_they_say)
{
	static const struct {
		const char *text;
		enum remote_kind kind;
		const char *base, *region;
	} cases[] = {
		{"/some/dir/", REMOTE_FOLDER, "/some/dir", NULL},
		{"file:///dir", REMOTE_FOLDER, "/dir", NULL},
		{"https://host:8080/a//", REMOTE_HTTP, "https://host:8080/a", NULL},
		{"s3://b/a/b", REMOTE_S3, "https://b.s3.us-east-1.amazonaws.com/a/b", NULL},
		{"s3://b?region=eu-west-1", REMOTE_S3, "https://b.s3.eu-west-1.amazonaws.com",
			"eu-west-1"},
		{"s3://b/p/?endpoint=http://h:9000/&region=x", REMOTE_S3, "http://h:9000/b/p", "x"},
		{"oci://host/a/b", REMOTE_OCI, "https://host/v2/a/b", NULL},
		{"oci+http://host:5000/a", REMOTE_OCI, "http://host:5000/v2/a", NULL},
	};

	unsetenv("AWS_REGION");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct remote_address address;
		CHECK_OR_RETURN(remote_address_parse(cases[i].text, &address, NULL) == 0);
		CHECK(address.kind == cases[i].kind);
		CHECK_TEXT(address.base, cases[i].base);
		CHECK((!address.region && !cases[i].region) ||
			test_report_text(address.region, cases[i].region, __FILE__, __LINE__));
		remote_address_done(&address);
	}
}

TEST(what_is_no_address_is_refused)
{
	static const char *const cases[] = {"", "dir", "ftp://host/", "http://", "http:///x",
		"http://host/?q", "http://a b/", "http://me@host/", "https://me:pw@host/x", "s3://",
		"s3:///x", "s3://b/%41", "s3://b?endpoint=ftp://x",
		"s3://b?region=", "s3://b?endpoint=http://me:pw@host",
		"s3://b/p?region=x&endpoint=http://me:pw@host/", "s3://b?secret=pw",
		"s3://b?endpoint=http://h&regoin=pw", "oci://host", "oci://host/",
		"oci://me@host/x", "file://dir", "http://host/\n"};
	struct err err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct remote_address address;
		err = (struct err){0};
		CHECK(remote_address_parse(cases[i], &address, &err) == -1 &&
			err.status == STATUS_USAGE && !strstr(err.text, "pw"));
		remote_address_done(&address);
	}
}
