/* SPDX-License-Identifier: MIT */
#include "hash.h"

uint64_t
hash_bytes(const void *data, size_t length)
{
	const unsigned char *bytes = data;
	uint64_t value = 0xcbf29ce484222325;

	for (size_t i = 0; i < length; i++) {
		value = (value ^ bytes[i]) * 0x100000001b3;
	}
	return value;
}
