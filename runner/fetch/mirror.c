/* SPDX-License-Identifier: MIT */
/* The configuration may say
 *
 *	{ "mirrors": { "debian": "https://…/debian", "gnu": ["https://…", "file:///…"] } } */
#include "fetch/mirror.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "fetch/address.h"
#include "fetch/apt_sources.h"
#include "host/config.h"
#include "text/printable.h"

#include <ctype.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Public archives, tried last. The snapshot has every package that the frozen suite had at that
 * time. */
static const struct {
	const char *name, *url;
} public_mirrors[] = {
	{"debian", "https://snapshot.debian.org/archive/debian/20260801T000000Z"},
};

static bool
is_name(const char *name, size_t length)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	return length > 0 && name[0] != '-' && strspn(name, allowed) >= length;
}

int
mirrors_add(struct mirrors *mirrors, const char *name_is_url, struct err *err)
{
	const char *equals = strchr(name_is_url, '=');

	if (!equals || !is_name(name_is_url, (size_t)(equals - name_is_url)) ||
		!address_is_good(equals + 1)) {
		cleanup_free char *shown = printable_name(name_is_url);
		return err_fail(err, STATUS_USAGE,
			"mirror '%s': expected NAME=URL with a name of a-z, 0-9 and '-', and an "
			"http://, https:// or file:/// address",
			shown);
	}
	mirrors->items = mem_resize(mirrors->items, mirrors->count + 1, sizeof(*mirrors->items));
	mirrors->items[mirrors->count++] = (struct mirror){
		.name = mem_strndup(name_is_url, (size_t)(equals - name_is_url)),
		.url = mem_strdup(equals + 1),
	};
	return 0;
}

int
mirrors_add_all(
	struct mirrors *mirrors, const char *const *names_are_urls, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		if (mirrors_add(mirrors, names_are_urls[i], err) < 0) {
			return -1;
		}
	}
	return 0;
}

void
mirrors_done(struct mirrors *mirrors)
{
	for (size_t i = 0; i < mirrors->count; i++) {
		free(mirrors->items[i].name);
		free(mirrors->items[i].url);
	}
	free(mirrors->items);
	*mirrors = (struct mirrors){0};
}

/* BRUN_MIRROR_NAME; the caller frees. */
static char *
variable_of(const char *name)
{
	char *variable = mem_printf("BRUN_MIRROR_%s", name);

	for (char *at = variable; *at; at++) {
		*at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
	}
	return variable;
}

static int
add_variable(struct addresses *addresses, const char *name, const char *path, struct err *err)
{
	cleanup_free char *variable = variable_of(name);
	const char *value = getenv(variable);

	if (!value || !*value) {
		return 0;
	}
	if (!address_is_good(value)) {
		cleanup_free char *shown = printable_name(value);
		return err_fail(err, STATUS_USAGE,
			"$%s is '%s': expected an http://, https:// or file:/// address", variable,
			shown);
	}
	addresses_add(addresses, value, path);
	return 0;
}

static int
add_value(struct addresses *addresses, json_t *value, const char *path, const char *file,
	const char *name, struct err *err)
{
	const char *url = json_string_value(value);

	if (!url || !address_is_good(url)) {
		return err_fail(err, STATUS_USAGE,
			"'%s': mirrors.%s: expected an http://, https:// or file:/// address", file,
			name);
	}
	addresses_add(addresses, url, path);
	return 0;
}

/* The mirrors of that name in a parsed configuration: one string or several. */
static int
add_values(struct addresses *addresses, json_t *root, const char *path, const char *file,
	const char *name, struct err *err)
{
	json_t *value = json_object_get(json_object_get(root, "mirrors"), name), *item;
	size_t i;

	if (!value) {
		return 0;
	}
	if (!json_is_array(value)) {
		return add_value(addresses, value, path, file, name, err);
	}
	json_array_foreach(value, i, item)
	{
		if (add_value(addresses, item, path, file, name, err) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
add_configured(struct addresses *addresses, const char *name, const char *path, struct err *err)
{
	struct config config;

	if (config_read(&config, err) < 0) {
		return -1;
	}
	int result = add_values(addresses, config.root, path, config.path, name, err);
	config_done(&config);
	return result;
}

static void
add_public(struct addresses *addresses, const char *name, const char *path)
{
	for (size_t i = 0; i < sizeof(public_mirrors) / sizeof(*public_mirrors); i++) {
		if (strcmp(public_mirrors[i].name, name) == 0) {
			addresses_add(addresses, public_mirrors[i].url, path);
		}
	}
}

static int
resolve(const struct mirrors *mirrors, const char *name, const char *path,
	struct addresses *addresses, struct err *err)
{
	for (size_t i = 0; i < mirrors->count; i++) {
		if (strcmp(mirrors->items[i].name, name) == 0) {
			addresses_add(addresses, mirrors->items[i].url, path);
		}
	}
	if (add_variable(addresses, name, path, err) < 0 ||
		add_configured(addresses, name, path, err) < 0) {
		return -1;
	}
	if (strcmp(name, "debian") == 0) {
		apt_sources_add(mirrors->root ? mirrors->root : "/", path, addresses);
	}
	add_public(addresses, name, path);
	if (addresses->count > 0) {
		return 0;
	}
	cleanup_free char *variable = variable_of(name);
	err_fail(err, STATUS_SOURCE, "mirror://%s/%s: no mirror of that name is known", name, path);
	return err_hint(
		err, "name one: --mirror %s=URL, or the environment variable %s", name, variable);
}

static int
bad_address(const char *url, struct err *err)
{
	cleanup_free char *shown = printable_name(url);

	return err_fail(err, STATUS_RECIPE,
		"address '%s': expected http://, https://, file:/// or mirror://NAME/PATH, without "
		"blanks",
		shown);
}

/* mirror://NAME/PATH taken apart; false where it is none. *ret_name is the caller's. */
static bool
split_mirror(const char *url, char **ret_name, const char **ret_path)
{
	static const char start[] = "mirror://";

	if (strncmp(url, start, strlen(start)) != 0) {
		return false;
	}
	const char *name = url + strlen(start), *slash = strchr(name, '/');
	if (!slash || !is_name(name, (size_t)(slash - name)) || !fs_is_clean_relative(slash + 1)) {
		return false;
	}
	*ret_name = mem_strndup(name, (size_t)(slash - name));
	*ret_path = slash + 1;
	return true;
}

int
mirrors_resolve(const struct mirrors *mirrors, const char *url, char ***ret_urls, struct err *err)
{
	static const struct mirrors none;
	struct addresses addresses = {0};
	cleanup_free char *name = NULL;
	const char *path;

	for (const char *at = url; *at; at++) {
		if ((unsigned char)*at <= ' ' || *at == 0x7f) {
			return bad_address(url, err);
		}
	}
	if (address_is_good(url)) {
		addresses_add(&addresses, url, NULL);
	} else if (!split_mirror(url, &name, &path)) {
		return bad_address(url, err);
	} else if (resolve(mirrors ? mirrors : &none, name, path, &addresses, err) < 0) {
		addresses_done(&addresses);
		return -1;
	}
	*ret_urls = addresses.items;
	return 0;
}
