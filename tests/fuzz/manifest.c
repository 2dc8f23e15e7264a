/* SPDX-License-Identifier: MIT */
/* A manifest that is taken is the only one of its tree, and every entry is found in it. */
#include "base/buf.h"
#include "tree/tree.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct tree *tree, const uint8_t *data, size_t size)
{
	cleanup_buf struct buf again = {0};

	for (size_t i = 0; i < tree->count; i++) {
		tree_record(&again, &tree->entries[i]);
		if (tree_find(tree, tree->entries[i].path) != &tree->entries[i]) {
			abort();
		}
	}
	if (again.length != size || (size && memcmp(again.data, data, size) != 0)) {
		abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tree tree = {0};
	cleanup_buf struct buf manifest = {0};

	buf_add(&manifest, data, size);
	if (tree_parse(&manifest, &tree, NULL) == 0) {
		check(&tree, data, size);
		tree_done(&tree);
	}
	return 0;
}
