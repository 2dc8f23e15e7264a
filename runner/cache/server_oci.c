/* SPDX-License-Identifier: MIT */
/* An OCI registry (the distribution specification) as a cache, in one repository of it:
 *
 *	cas/HEX    the blob sha256:HEX
 *	ac/HEX     the tag ac-HEX: an image manifest, whose annotation brun.statement is the text,
 *	           and whose one layer is the archive, so that the registry's own clean-up keeps it
 *	           for as long as the tag is there; where there is no archive, the empty JSON object
 *
 * Blobs are uploaded by oci_upload.c. A registry that wants a token says where to get it; the token
 * server is told what netrc has for its host, as the registry is. */
#include "cache/cache_server.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "cache/exchange.h"
#include "cache/remote_address.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MANIFEST_TYPE "application/vnd.oci.image.manifest.v1+json"
#define EMPTY_TYPE    "application/vnd.oci.empty.v1+json"

static const char annotation[] = "brun.statement";
static const char empty_json[] = "{}";
static const char empty_sha256[] =
	"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

#define cleanup_answer __attribute__((cleanup(answer_done)))

/* The value of NAME="…" in a challenge (RFC 9110, 11.6.1); the caller frees. */
static char *
parameter(const char *challenge, const char *name)
{
	cleanup_free char *start = mem_printf("%s=\"", name);
	const char *at = strcasestr(challenge, start);

	if (!at || (at > challenge && at[-1] != ' ' && at[-1] != ',')) {
		return NULL;
	}
	at += strlen(start);
	return mem_strndup(at, strcspn(at, "\""));
}

static void
add_parameter(struct buf *url, const char *name, const char *value)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

	buf_printf(url, "%c%s=", strchr(buf_text(url), '?') ? '&' : '?', name);
	for (; *value; value++) {
		if (strchr(plain, *value)) {
			buf_putc(url, *value);
		} else {
			buf_printf(url, "%%%02X", (unsigned char)*value);
		}
	}
}

/* {"token": …} or {"access_token": …} */
static char *
read_token(const struct buf *text)
{
	json_t *root = json_loadb(buf_text(text), text->length, 0, NULL);
	const char *token = json_string_value(json_object_get(root, "token"));

	token = token ? token : json_string_value(json_object_get(root, "access_token"));
	char *copy = token && !strpbrk(token, "\r\n") ? mem_strdup(token) : NULL;
	json_decref(root);
	return copy;
}

/* Gets the token that the challenge asks for. A registry behind TLS has its tokens behind TLS. */
static int
get_token(struct server_task *task, const char *challenge, struct err *err)
{
	cleanup_answer struct answer answer = {0};
	cleanup_free char *realm = parameter(challenge, "realm");
	cleanup_free char *service = parameter(challenge, "service");
	cleanup_free char *scope = parameter(challenge, "scope");
	cleanup_buf struct buf url = {0};
	bool is_tls = strncmp(task->address->base, "https:", 6) == 0;

	if (!realm || strncasecmp(realm, is_tls ? "https://" : "http", is_tls ? 8 : 4) != 0) {
		return err_fail(err, STATUS_SOURCE,
			"the registry asks for a token from no place that can be asked");
	}
	buf_puts(&url, realm);
	add_parameter(&url, "service", service ? service : "");
	add_parameter(&url, "scope", scope ? scope : "");
	const struct exchange exchange = {.url = buf_text(&url),
		.body_fd = -1,
		.sink_fd = -1,
		.is_cancelled = task->is_cancelled};
	if (exchange_run(task->client, &exchange, &answer, err) < 0) {
		return -1;
	}
	if (answer.status != 200) {
		return server_refused(realm, answer.status, err);
	}
	free(task->token);
	task->token = read_token(&answer.text);
	return task->token
		       ? 0
		       : err_fail(err, STATUS_SOURCE, "the registry's token server gave no token");
}

int
oci_ask(struct server_task *task, struct exchange exchange, struct answer *ret_answer,
	struct err *err)
{
	exchange.bearer = task->token;
	exchange.is_cancelled = task->is_cancelled;
	if (exchange_run(task->client, &exchange, ret_answer, err) < 0) {
		return -1;
	}
	const char *challenge = ret_answer->challenge;
	if (ret_answer->status != 401 || !challenge || strncasecmp(challenge, "bearer ", 7) != 0) {
		return 0;
	}
	if (get_token(task, challenge, err) < 0) {
		answer_done(ret_answer);
		return -1;
	}
	answer_done(ret_answer);
	exchange.bearer = task->token;
	return exchange_run(task->client, &exchange, ret_answer, err);
}

static bool
is_action(const struct server_task *task)
{
	return strncmp(task->name, "ac/", 3) == 0;
}

static char *
url_of(const struct server_task *task)
{
	const char *hex = strchr(task->name, '/') + 1;

	return is_action(task) ? mem_printf("%s/manifests/ac-%s", task->address->base, hex)
			       : mem_printf("%s/blobs/sha256:%s", task->address->base, hex);
}

static const char *const accept_manifest[] = {"Accept: " MANIFEST_TYPE, NULL};

/* Takes the statement out of the manifest. */
static int
write_statement(const struct server_task *task, const struct buf *manifest, struct err *err)
{
	json_t *root = json_loadb(buf_text(manifest), manifest->length, 0, NULL);
	json_t *notes = json_object_get(root, "annotations");
	const char *text = json_string_value(json_object_get(notes, annotation));
	int result =
		text && strlen(text) <= task->size
			? fs_write_all(task->fd, text, strlen(text), err)
			: err_fail(err, STATUS_SOURCE, "the registry's manifest is none of ours");

	json_decref(root);
	return result;
}

int
oci_get(struct server_task *task, struct err *err)
{
	cleanup_answer struct answer answer = {0};
	cleanup_free char *url = url_of(task);
	const struct exchange exchange = {
		.url = url,
		.headers = is_action(task) ? accept_manifest : NULL,
		.body_fd = -1,
		.sink_fd = is_action(task) ? -1 : task->fd,
		.limit = task->size,
	};

	if (oci_ask(task, exchange, &answer, err) < 0) {
		return -1;
	}
	if (answer.status != 200 && answer.status != 206) {
		return server_refused(url, answer.status, err);
	}
	return is_action(task) ? write_statement(task, &answer.text, err) : 0;
}

int
oci_has(struct server_task *task, struct err *err)
{
	cleanup_answer struct answer answer = {0};
	cleanup_free char *url = url_of(task);
	const struct exchange exchange = {
		.method = EXCHANGE_HEAD,
		.url = url,
		.headers = is_action(task) ? accept_manifest : NULL,
		.body_fd = -1,
		.sink_fd = -1,
	};

	if (oci_ask(task, exchange, &answer, err) < 0) {
		return -1;
	}
	return answer.status == 200 ? 0 : server_refused(url, answer.status, err);
}

/* The config that every manifest has to have; asked for first, for it is nearly always there. */
static int
put_empty(struct server_task *task, struct err *err)
{
	struct server_task empty = *task;
	cleanup_free char *name = mem_printf("cas/%s", empty_sha256);
	int result;

	empty.name = name;
	result = oci_has(&empty, err);
	if (result < 0 && err->number == ENOENT) {
		*err = (struct err){0};
		result =
			oci_put_blob(&empty, -1, empty_json, strlen(empty_json), empty_sha256, err);
	}
	task->token = empty.token;
	return result;
}

static char *
print_manifest(const struct server_task *task, const char *text)
{
	cleanup_free char *empty = mem_printf("sha256:%s", empty_sha256);
	cleanup_free char *layer =
		mem_printf("sha256:%s", task->needs ? task->needs : empty_sha256);
	json_t *root = json_pack("{s:i, s:s, s:s, s:{s:s, s:s, s:i}, s:[{s:s, s:s, s:I}], s:{s:s}}",
		"schemaVersion", 2, "mediaType", MANIFEST_TYPE, "artifactType",
		"application/vnd.brun.record.v1", "config", "mediaType", EMPTY_TYPE, "digest",
		empty, "size", (int)strlen(empty_json), "layers", "mediaType",
		task->needs ? "application/vnd.brun.tree.v1.tar+zstd" : EMPTY_TYPE, "digest", layer,
		"size", task->needs ? (json_int_t)task->needs_size : (json_int_t)strlen(empty_json),
		"annotations", annotation, text);
	char *dump = root ? json_dumps(root, JSON_COMPACT) : NULL;

	json_decref(root);
	return dump;
}

static int
put_manifest(struct server_task *task, struct err *err)
{
	static const char *const headers[] = {"Content-Type: " MANIFEST_TYPE, NULL};
	cleanup_answer struct answer answer = {0};
	cleanup_buf struct buf text = {0};
	cleanup_free char *url = url_of(task), *manifest = NULL;

	if (fs_read_all(task->fd, task->size, &text, err) < 0 || put_empty(task, err) < 0) {
		return -1;
	}
	manifest = print_manifest(task, buf_text(&text));
	if (!manifest) {
		return err_fail(err, STATUS_SOURCE, "a statement that is no text");
	}
	const struct exchange put = {
		.method = EXCHANGE_PUT,
		.url = url,
		.headers = headers,
		.body_fd = -1,
		.body = manifest,
		.body_size = strlen(manifest),
		.sink_fd = -1,
	};
	if (oci_ask(task, put, &answer, err) < 0) {
		return -1;
	}
	return answer.status == 201 ? 0 : server_refused(url, answer.status, err);
}

int
oci_put(struct server_task *task, struct err *err)
{
	return is_action(task) ? put_manifest(task, err)
			       : oci_put_blob(task, task->fd, NULL, task->size, task->sha256, err);
}
