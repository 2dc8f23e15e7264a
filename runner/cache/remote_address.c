/* SPDX-License-Identifier: MIT */
#include "cache/remote_address.h"

#include "base/err.h"
#include "base/mem.h"
#include "text/printable.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What needs no escape in a path (RFC 3986, 2.3), and '/'. */
static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";

static int
refuse(const char *text, const char *why, struct err *err)
{
	cleanup_free char *shown = printable_name(text);

	err_fail(err, STATUS_USAGE, "cache '%s': %s", shown, why);
	return err_hint(err,
		"a cache is /DIR, http://… or https://…, s3://BUCKET/PREFIX?region=R&endpoint=URL, "
		"oci://HOST/NAME or oci+http://HOST/NAME");
}

/* What is behind the prefix, or NULL. */
static const char *
behind(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

static bool
has_blank(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text <= ' ' || *text == 0x7f) {
			return true;
		}
	}
	return false;
}

/* A copy without slashes at its end. */
static char *
trimmed(const char *text, size_t length)
{
	while (length > 1 && text[length - 1] == '/') {
		length--;
	}
	return mem_strndup(text, length);
}

/* Before the host of what has a scheme? */
static bool
has_login(const char *text)
{
	const char *authority = strstr(text, "://");

	return authority && memchr(authority + 3, '@', strcspn(authority + 3, "/?#"));
}

static int
refuse_login(struct err *err)
{
	/* Not shown: it may hold a password. */
	err_fail(err, STATUS_USAGE, "a cache's address holds a user name or a password");
	return err_hint(err, "write them into ~/.netrc: machine HOST login NAME password …");
}

static bool
is_http(const char *text)
{
	const char *host = behind(text, "http://");

	host = host ? host : behind(text, "https://");
	return host && *host && *host != '/' && !strpbrk(host, "?#");
}

static int
parse_folder(const char *text, const char *path, struct remote_address *address, struct err *err)
{
	if (path[0] != '/') {
		return refuse(text, "a folder is named by an absolute path", err);
	}
	address->kind = REMOTE_FOLDER;
	address->base = trimmed(path, strlen(path));
	return 0;
}

static int
parse_http(const char *text, struct remote_address *address, struct err *err)
{
	if (!is_http(text)) {
		return refuse(text, "no host, or more than a path behind it", err);
	}
	address->kind = REMOTE_HTTP;
	address->base = trimmed(text, strlen(text));
	return 0;
}

/* The value of NAME= in a query, or NULL; the caller frees. */
static char *
parameter(const char *query, const char *name)
{
	while (*query) {
		size_t length = strcspn(query, "&");
		const char *value = behind(query, name);
		if (value && *value == '=') {
			return mem_strndup(value + 1, length - strlen(name) - 1);
		}
		query += length + (query[length] == '&');
	}
	return NULL;
}

/* What is not known may be misspelt, or a secret. */
static bool
has_other_parameters(const char *query)
{
	while (*query) {
		size_t length = strcspn(query, "&");
		if (!behind(query, "region=") && !behind(query, "endpoint=")) {
			return true;
		}
		query += length + (query[length] == '&');
	}
	return false;
}

/* Bucket and prefix in one, as they stand in a path. */
static int
parse_s3(const char *text, const char *rest, struct remote_address *address, struct err *err)
{
	size_t length = strcspn(rest, "?"), bucket = strcspn(rest, "/?");
	const char *query = rest[length] ? rest + length + 1 : "";
	cleanup_free char *path = trimmed(rest, length);
	cleanup_free char *region = parameter(query, "region");
	cleanup_free char *endpoint = parameter(query, "endpoint");

	if (bucket == 0 || strspn(rest, plain) < length ||
		(region && (!*region || strspn(region, plain) < strlen(region)))) {
		return refuse(
			text, "bucket, prefix and region are of A-Z, a-z, 0-9, '-', '.', '_'", err);
	}
	if (endpoint && has_login(endpoint)) {
		return refuse_login(err);
	}
	if (has_other_parameters(query)) {
		err_fail(err, STATUS_USAGE,
			"a cache's address has a parameter that is none of 'region' and 'endpoint'");
		return err_hint(err, "keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
	}
	if (endpoint && !is_http(endpoint)) {
		return refuse(text, "the endpoint is an http:// or https:// address", err);
	}
	if (endpoint) {
		cleanup_free char *host = trimmed(endpoint, strlen(endpoint));
		address->base = mem_printf("%s/%s", host, path);
	} else {
		const char *variable = getenv("AWS_REGION");
		const char *where = region		    ? region
				    : variable && *variable ? variable
							    : "us-east-1";
		address->base = mem_printf("https://%.*s.s3.%s.amazonaws.com%s", (int)bucket, rest,
			where, path + bucket);
	}
	address->kind = REMOTE_S3;
	address->region = steal(region);
	return 0;
}

static int
parse_oci(const char *text, const char *scheme, const char *rest, struct remote_address *address,
	struct err *err)
{
	size_t host = strcspn(rest, "/");
	const char *name = rest[host] ? rest + host + 1 : "";

	if (host == 0 || strcspn(name, "/") == 0 || strspn(name, plain) < strlen(name)) {
		return refuse(text, "expected the registry's host and a repository's name", err);
	}
	cleanup_free char *repository = trimmed(name, strlen(name));
	address->kind = REMOTE_OCI;
	address->base = mem_printf("%s://%.*s/v2/%s", scheme, (int)host, rest, repository);
	return 0;
}

int
remote_address_parse(const char *text, struct remote_address *ret_address, struct err *err)
{
	const char *rest;

	*ret_address = (struct remote_address){0};
	if (has_blank(text)) {
		return refuse(text, "it holds blanks or control characters", err);
	}
	if (has_login(text)) {
		return refuse_login(err);
	}
	if (text[0] == '/') {
		return parse_folder(text, text, ret_address, err);
	}
	if ((rest = behind(text, "file://"))) {
		return parse_folder(text, rest, ret_address, err);
	}
	if (behind(text, "http://") || behind(text, "https://")) {
		return parse_http(text, ret_address, err);
	}
	if ((rest = behind(text, "s3://"))) {
		return parse_s3(text, rest, ret_address, err);
	}
	if ((rest = behind(text, "oci://"))) {
		return parse_oci(text, "https", rest, ret_address, err);
	}
	if ((rest = behind(text, "oci+http://"))) {
		return parse_oci(text, "http", rest, ret_address, err);
	}
	return refuse(text, "no kind of cache that is known", err);
}

void
remote_address_done(struct remote_address *address)
{
	free(address->base);
	free(address->region);
	*address = (struct remote_address){0};
}
