/* SPDX-License-Identifier: MIT */
#include "launcher/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t seen;

/* What the packer and `brun inspect` ask of files that anyone may have made. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config;
	const char *why = NULL;

	if (image_read(data, size, &config, &why) && !why) {
		struct config_env env = {.rest = config.env};
		for (uint32_t i = 0; i < config.head->env_count; i++) {
			env = config_env_next(env.rest);
			seen += env.name[0];
		}
	}
	return 0;
}
