/* SPDX-License-Identifier: MIT */
/* The shared caches that a command uses: from where something may be taken, from whom it is
 * believed, and where what is built is sent. In the configuration (config.h):
 *
 *	"caches": ["URL", {"url": "URL", "push": true}], "trusted_keys": ["ed25519:HEX", …] */
#ifndef BRUN_CACHES_H
#define BRUN_CACHES_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/sign.h"

struct courier;
struct err;
struct remote;

struct cache {
	struct remote *remote;
	bool pushes;
	bool is_out;  /* it has failed: not asked any more */
	bool is_told; /* something about it was reported */
	unsigned lies;
};

struct caches {
	struct cache *items;
	size_t count;
	struct sign_public *trusted;
	size_t trusted_count;
	bool has_secret;
	struct sign_secret secret;
	struct courier *courier;
	pthread_mutex_t mutex; /* is_out, is_told, lies */
	/* Says one thing to the person; from any thread, one at a time. */
	void (*notice)(void *context, const char *text);
	void *context;
};

/* What the command line says; lists as of struct option_list. */
struct caches_wish {
	const char *const *urls;
	size_t url_count;
	const char *const *trusted;
	size_t trusted_count;
	bool pushes; /* to those that it names, to all where it names none */
};

/* Reads the configuration and opens them all, asking none: those of the command line come first.
 * helper: cache-helper's path. STATUS_USAGE: an address, a key or the configuration is wrong. On
 * failure there is nothing to free. */
int caches_open(const struct caches_wish *wish, const char *helper, struct caches *ret_caches,
	struct err *err);
void caches_done(struct caches *caches);

/* Is there one to take from, and somebody to believe? To send to? */
bool caches_can_pull(const struct caches *caches);
bool caches_can_push(const struct caches *caches);

/* Is this key among those that are trusted? */
bool caches_trust(const struct caches *caches, const struct sign_public *signer);

/* A cache could not be asked: it is left alone from here on, and that is said once. */
void caches_fail(struct caches *caches, struct cache *cache, const struct err *err);

/* What a cache gave is not what it should be, for the reason in err: said once; one that lies time
 * and again is left alone. */
void caches_doubt(struct caches *caches, struct cache *cache, const struct err *err);

/* Has it failed, so that it is left alone? */
bool caches_is_out(const struct cache *cache);

#endif
