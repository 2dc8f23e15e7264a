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
		seen += config.needed_count;
		for (uint32_t i = 0; i < config.env_count; i++) {
			seen += config_env_get(&config, i).name.length;
		}
	}
	return 0;
}
