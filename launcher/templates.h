/* SPDX-License-Identifier: MIT */
/* The launchers as they were linked, without configuration; templates.c comes from embed.sh. */
#ifndef BRUN_TEMPLATES_H
#define BRUN_TEMPLATES_H

#include <stddef.h>
#include <stdint.h>

struct image_template {
	uint16_t machine;
	const unsigned char *data;
	size_t size;
};

/* One for each machine that could be compiled for; the last has size 0. */
extern const struct image_template image_templates[];

/* 16 hex digits over all of them. */
extern const char image_templates_hash[];

#endif
