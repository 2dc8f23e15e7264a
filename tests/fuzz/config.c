/* SPDX-License-Identifier: MIT */
#include "launcher/config.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t seen;

/* A string that was let pass must end where its length says. */
static void
touch(const uint8_t *data, struct config_string string)
{
	if (string.length > 0 && strlen((const char *)data + string.offset) != string.length) {
		__builtin_trap();
	}
	seen += string.length;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config;

	if (config_parse(data, size, &config)) {
		return 0;
	}
	const struct config_string strings[] = {config.up, config.id, config.program,
		config.interpreter, config.library_dir, config.runpath, config.argv0,
		config.argument, config.script};
	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++) {
		touch(data, strings[i]);
	}
	for (uint32_t i = 0; i < config.needed_count; i++) {
		touch(data, config_needed_get(&config, i));
	}
	for (uint32_t i = 0; i < config.env_count; i++) {
		struct config_env env = config_env_get(&config, i);
		touch(data, env.name);
		touch(data, env.value);
		touch(data, env.separator);
	}
	return 0;
}
