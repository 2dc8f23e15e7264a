/* SPDX-License-Identifier: MIT */
#include "cache/caches.h"

#include "base/err.h"
#include "base/mem.h"
#include "cache/cache_key.h"
#include "cache/remote.h"
#include "fetch/courier.h"
#include "host/config.h"
#include "text/printable.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { LIES_MOST = 3 };

static int
add_cache(struct caches *caches, const char *url, bool pushes, struct err *err)
{
	struct remote *remote;

	for (size_t i = 0; i < caches->count; i++) {
		if (strcmp(remote_shown(caches->items[i].remote), url) == 0) {
			caches->items[i].pushes |= pushes;
			return 0;
		}
	}
	if (remote_open(url, caches->courier, &remote, err) < 0) {
		return -1;
	}
	caches->items = mem_resize(caches->items, caches->count + 1, sizeof(*caches->items));
	caches->items[caches->count++] = (struct cache){.remote = remote, .pushes = pushes};
	return 0;
}

static int
add_trusted(struct caches *caches, const char *text, struct err *err)
{
	struct sign_public public;

	if (!cache_key_parse(text, &public)) {
		cleanup_free char *shown = printable_name(text);
		return err_fail(err, STATUS_USAGE,
			"trusted key '%s': expected ed25519: and 64 hex digits, as `brun cache key` "
			"prints them",
			shown);
	}
	caches->trusted =
		mem_resize(caches->trusted, caches->trusted_count + 1, sizeof(*caches->trusted));
	caches->trusted[caches->trusted_count++] = public;
	return 0;
}

static int
add_wished(struct caches *caches, const struct caches_wish *wish, struct err *err)
{
	for (size_t i = 0; i < wish->url_count; i++) {
		if (add_cache(caches, wish->urls[i], wish->pushes, err) < 0) {
			return -1;
		}
	}
	for (size_t i = 0; i < wish->trusted_count; i++) {
		if (add_trusted(caches, wish->trusted[i], err) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
refuse_config(const struct config *config, const char *what, struct err *err)
{
	return err_fail(err, STATUS_USAGE, "'%s': %s", config->path, what);
}

static int
add_configured_cache(struct caches *caches, const struct config *config, json_t *item,
	bool pushes_all, struct err *err)
{
	json_t *push = json_object_get(item, "push");
	const char *url =
		json_string_value(json_is_object(item) ? json_object_get(item, "url") : item);

	if (!url || (push && !json_is_boolean(push))) {
		return refuse_config(config,
			"caches: expected \"URL\" or {\"url\": \"URL\", \"push\": true}", err);
	}
	return add_cache(caches, url, pushes_all || json_is_true(push), err) < 0
		       ? err_wrap(err, "'%s'", config->path)
		       : 0;
}

static int
add_configured(struct caches *caches, const struct config *config, bool pushes_all, struct err *err)
{
	json_t *list = json_object_get(config->root, "caches"), *item;
	json_t *keys = json_object_get(config->root, "trusted_keys");
	size_t i;

	if ((list && !json_is_array(list)) || (keys && !json_is_array(keys))) {
		return refuse_config(config, "caches and trusted_keys are arrays", err);
	}
	json_array_foreach(list, i, item)
	{
		if (add_configured_cache(caches, config, item, pushes_all, err) < 0) {
			return -1;
		}
	}
	json_array_foreach(keys, i, item)
	{
		const char *text = json_string_value(item);
		if (add_trusted(caches, text ? text : "", err) < 0) {
			return err_wrap(err, "'%s'", config->path);
		}
	}
	return 0;
}

/* A secret key is needed by who pushes, and by nobody else. */
static int
find_secret(struct caches *caches, struct err *err)
{
	if (!caches_can_push(caches)) {
		return 0;
	}
	int found = cache_key_read(&caches->secret, err);
	if (found == 0) {
		err_fail(err, STATUS_USAGE, "there is no key to sign with what is sent to a cache");
		return err_hint(err, "brun cache key makes one");
	}
	caches->has_secret = found == 1;
	return found < 0 ? -1 : 0;
}

int
caches_open(const struct caches_wish *wish, const char *helper, struct caches *ret_caches,
	struct err *err)
{
	struct caches caches = {.courier = courier_new(helper)};
	struct config config = {0};
	int result = config_read(&config, err);

	if (result == 0) {
		result = add_wished(&caches, wish, err);
	}
	if (result == 0) {
		result = add_configured(&caches, &config, wish->pushes && !wish->url_count, err);
	}
	if (result == 0) {
		result = find_secret(&caches, err);
	}
	config_done(&config);
	if (result < 0) {
		caches_done(&caches);
		return -1;
	}
	*ret_caches = caches;
	pthread_mutex_init(&ret_caches->mutex, NULL);
	return 0;
}

void
caches_done(struct caches *caches)
{
	for (size_t i = 0; i < caches->count; i++) {
		remote_close(caches->items[i].remote);
	}
	free(caches->items);
	free(caches->trusted);
	explicit_bzero(&caches->secret, sizeof(caches->secret));
	if (caches->courier) {
		courier_free(caches->courier);
	}
	*caches = (struct caches){0};
}

bool
caches_can_pull(const struct caches *caches)
{
	for (size_t i = 0; caches->trusted_count && i < caches->count; i++) {
		if (!caches_is_out(&caches->items[i])) {
			return true;
		}
	}
	return false;
}

bool
caches_can_push(const struct caches *caches)
{
	for (size_t i = 0; i < caches->count; i++) {
		if (caches->items[i].pushes && !caches_is_out(&caches->items[i])) {
			return true;
		}
	}
	return false;
}

bool
caches_trust(const struct caches *caches, const struct sign_public *signer)
{
	for (size_t i = 0; i < caches->trusted_count; i++) {
		if (sign_public_equal(&caches->trusted[i], signer)) {
			return true;
		}
	}
	return false;
}

/* Under the lock. */
static void
tell(struct caches *caches, struct cache *cache, const struct err *err, const char *end)
{
	const char *shown = remote_shown(cache->remote);

	if (cache->is_told || !caches->notice) {
		return;
	}
	cache->is_told = true;
	cleanup_free char *text = mem_printf("cache %s: %s%s", shown, err->text, end);
	caches->notice(caches->context, text);
}

void
caches_fail(struct caches *caches, struct cache *cache, const struct err *err)
{
	pthread_mutex_lock(&caches->mutex);
	tell(caches, cache, err, "\n  this build goes on without it");
	__atomic_store_n(&cache->is_out, true, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&caches->mutex);
}

void
caches_doubt(struct caches *caches, struct cache *cache, const struct err *err)
{
	pthread_mutex_lock(&caches->mutex);
	tell(caches, cache, err, "\n  that is not used");
	if (++cache->lies >= LIES_MOST) {
		__atomic_store_n(&cache->is_out, true, __ATOMIC_RELAXED);
	}
	pthread_mutex_unlock(&caches->mutex);
}

bool
caches_is_out(const struct cache *cache)
{
	return __atomic_load_n(&cache->is_out, __ATOMIC_RELAXED);
}
