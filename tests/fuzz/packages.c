/* SPDX-License-Identifier: MIT */
/* A Packages index from a hostile archive: parsed, and every package in it resolved. */
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "debian/debian_index.h"
#include "debian/debian_lock.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What comes out of the resolver must be a lock that reads back. */
static void
resolve(const struct debian_index *index, size_t wanted)
{
	struct debian_lock lock = {.suite = "ss", .component = "cc", .architecture = "amd64"},
			   again;
	cleanup_buf struct buf text = {0};
	struct err err = {0};

	debian_names_add(&lock.wanted, &lock.arena, index->packages[wanted].name);
	if (debian_resolve(index, &lock, &err) == 0) {
		debian_lock_print(&lock, &text);
		if (debian_lock_parse(buf_text(&text), text.length, &again, &err) < 0) {
			abort();
		}
		debian_lock_done(&again);
	} else if (err.text[0] == '\0') {
		abort();
	}
	debian_lock_done(&lock);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	struct debian_index index;
	struct err err = {0};

	/* mem_strndup stops at a NUL; the parser's own check for one is a unit test. */
	if (debian_index_parse(text, strlen(text), "amd64", &index, &err) < 0) {
		free(text);
		return 0;
	}
	for (size_t i = 0; i < index.count && i < 8; i++) {
		resolve(&index, i);
	}
	debian_index_done(&index);
	return 0;
}
