/* SPDX-License-Identifier: MIT */
/* A remote: bytes under names, on a server or in a folder. It is believed nothing: who gets
 * something from it checks what has come. Servers are talked to by cache-helper, which has libcurl
 * (protocol: top of remote.c). */
#ifndef BRUN_REMOTE_H
#define BRUN_REMOTE_H

#include <stdint.h>

#include "base/sha256.h"

struct courier;
struct err;
struct remote;

/* "ac/HEX", a statement about the action with that key, or "cas/HEX", bytes with that SHA-256. */
struct remote_name {
	char text[72];
};
struct remote_name remote_action(const struct digest *key);
struct remote_name remote_content(const struct digest *sha256);

/* What is put. */
struct remote_put {
	int fd; /* read from its start */
	uint64_t size;
	struct digest sha256;
	/* For an action: the content that has to stay as long as it does, or NULL. */
	const struct digest *needs;
	uint64_t needs_size;
};

/* Opens the remote of that address (remote_address.h); nothing is asked yet. The courier is
 * borrowed; it starts cache-helper when a server is asked for the first time. STATUS_USAGE. */
int remote_open(
	const char *address, struct courier *courier, struct remote **ret_remote, struct err *err);
void remote_close(struct remote *remote);

/* Its address, fit for people. */
const char *remote_shown(const struct remote *remote);

/* 1: there, and written to the empty file fd; 0: not there; -1: err. More than `limit` bytes are
 * an error. Blocks; any thread; cancel_fd as in store_lock. */
int remote_get(struct remote *remote, const struct remote_name *name, uint64_t limit, int fd,
	int cancel_fd, struct err *err);

/* 1: there, 0: not there, -1: err. */
int remote_has(
	struct remote *remote, const struct remote_name *name, int cancel_fd, struct err *err);

/* Puts it there, whole or not at all. */
int remote_put(struct remote *remote, const struct remote_name *name, const struct remote_put *what,
	int cancel_fd, struct err *err);

#endif
