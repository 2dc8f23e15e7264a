/* SPDX-License-Identifier: MIT */
/* What cache-helper does with the three kinds of servers: HTTP and S3 (server_http.c), and OCI
 * registries (server_oci.c). */
#ifndef BRUN_CACHE_SERVER_H
#define BRUN_CACHE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

struct client;
struct err;
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

/* The parts for OCI registries. */
int oci_get(struct server_task *task, struct err *err);
int oci_has(struct server_task *task, struct err *err);
int oci_put(struct server_task *task, struct err *err);

/* What an HTTP status comes to that is not the wanted one. Returns -1. */
int server_refused(const char *url, long status, struct err *err);

#endif
