/* SPDX-License-Identifier: MIT */
#include "fetch/address.h"

#include "base/mem.h"
#include "text/printable.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool
address_is_good(const char *text)
{
	static const char *const starts[] = {"http://", "https://", "file:///"};
	size_t length = 0;

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		if (strncasecmp(text, starts[i], strlen(starts[i])) == 0) {
			length = strlen(starts[i]);
		}
	}
	if (length == 0 || text[length] == '\0') {
		return false;
	}
	for (const char *at = text; *at; at++) {
		if ((unsigned char)*at <= ' ' || *at == 0x7f) {
			return false;
		}
	}
	return true;
}

void
addresses_add(struct addresses *addresses, const char *base, const char *path)
{
	size_t length = strlen(base);

	while (path && length > 0 && base[length - 1] == '/') {
		length--;
	}
	cleanup_free char *url =
		path ? mem_printf("%.*s/%s", (int)length, base, path) : mem_strdup(base);
	for (size_t i = 0; i < addresses->count; i++) {
		if (strcmp(addresses->items[i], url) == 0) {
			return;
		}
	}
	addresses->items =
		mem_resize(addresses->items, addresses->count + 2, sizeof(*addresses->items));
	addresses->items[addresses->count++] = steal(url);
	addresses->items[addresses->count] = NULL;
}

void
addresses_done(struct addresses *addresses)
{
	for (size_t i = 0; i < addresses->count; i++) {
		free(addresses->items[i]);
	}
	free(addresses->items);
	*addresses = (struct addresses){0};
}

char *
address_shown(const char *url)
{
	cleanup_free char *text = printable_text(url);
	char *host = strstr(text, "://");

	if (!host) {
		return steal(text);
	}
	host += 3;
	size_t length = strcspn(host, "/?#");
	char *at = memrchr(host, '@', length);
	if (at) {
		memmove(host, at + 1, strlen(at + 1) + 1);
	}
	return steal(text);
}
