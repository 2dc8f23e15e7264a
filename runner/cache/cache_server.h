/* SPDX-License-Identifier: MIT */
/* What cache-helper does with the three kinds of servers: HTTP and S3 (server_http.c, server_s3.c),
 * and OCI registries (server_oci.c, oci_upload.c). */
#ifndef BRUN_CACHE_SERVER_H
#define BRUN_CACHE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

struct answer;
struct client;
struct err;
struct exchange;
struct remote_address;

/* One task; everything is borrowed. */
struct server_task {
	struct client *client;
	const struct remote_address *address;
	const char *name;   /* "ac/HEX" or "cas/HEX" */
	int fd;		    /* to be written (get) or read (put); -1 */
	uint64_t size;	    /* put: bytes; get: at most as many */
	const char *sha256; /* put: of the body, in hex */
	const char *needs;  /* put of an action: hex of a content, or NULL */
	uint64_t needs_size;
	const bool *is_cancelled;
	char *token; /* a registry's, kept from task to task; owned by the worker, or NULL */
};

/* What is not there is STATUS_SOURCE with ENOENT. */
int server_get(struct server_task *task, struct err *err);
int server_has(struct server_task *task, struct err *err);
int server_put(struct server_task *task, struct err *err);

/* What is larger goes in pieces of so many bytes; $BRUN_CACHE_PART_BYTES, for tests. */
uint64_t server_part_bytes(void);

/* Asks an S3 server: signed, with the SHA-256 of the body in hex. */
int s3_ask(struct server_task *task, struct exchange exchange, const char *sha256,
	struct answer *ret_answer, struct err *err);

/* Puts a large object in parts. */
int s3_put_parts(struct server_task *task, struct err *err);

/* Asks a registry, with a token where it wants one. */
int oci_ask(struct server_task *task, struct exchange exchange, struct answer *ret_answer,
	struct err *err);

/* Puts one blob, of a file or (fd -1) of memory, by its SHA-256 in hex. */
int oci_put_blob(struct server_task *task, int fd, const char *body, uint64_t size,
	const char *sha256, struct err *err);

/* The parts for OCI registries. */
int oci_get(struct server_task *task, struct err *err);
int oci_has(struct server_task *task, struct err *err);
int oci_put(struct server_task *task, struct err *err);

/* What an HTTP status comes to that is not the wanted one. Returns -1. */
int server_refused(const char *url, long status, struct err *err);

#endif
