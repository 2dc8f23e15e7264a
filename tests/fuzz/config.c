/* SPDX-License-Identifier: MIT */
#include "launcher/config.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t seen;

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config;

	if (config_parse(data, size, &config)) {
		return 0;
	}
	const char *name = config.id;
	for (; name < config.env; name = config_next(name)) {
		seen += strlen(name);
	}
	struct config_env env = {.rest = config.env};
	for (uint32_t i = 0; i < config.head->env_count; i++) {
		env = config_env_next(env.rest);
		seen += strlen(env.name) + strlen(env.value) + strlen(env.separator);
	}
	if ((const uint8_t *)env.rest > data + size) {
		__builtin_trap();
	}
	return 0;
}
