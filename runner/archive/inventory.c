/* SPDX-License-Identifier: MIT */
#include "archive/inventory.h"

#include "base/err.h"
#include "base/mem.h"
#include "tree/gather.h"

#include <stdlib.h>
#include <string.h>

struct inventory_item {
	struct tree_entry entry;
	const char *original; /* of a hard link, else NULL */
	size_t number;
};

struct tree_entry *
inventory_add(struct inventory *inventory, enum tree_type type, const char *path,
	const char *target, const char *original)
{
	struct arena *arena = &inventory->arena;
	struct inventory_item *item = arena_alloc(arena, 1, sizeof(*item));

	if (inventory->count == inventory->capacity) {
		inventory->capacity = inventory->capacity ? inventory->capacity * 2 : 256;
		inventory->items = mem_resize(
			inventory->items, inventory->capacity, sizeof(*inventory->items));
	}
	item->entry.type = type;
	item->entry.path = arena_strdup(arena, path);
	item->entry.target = target ? arena_strdup(arena, target) : NULL;
	item->original = original ? arena_strdup(arena, original) : NULL;
	item->number = inventory->count;
	inventory->items[inventory->count++] = item;
	return &item->entry;
}

void
inventory_done(struct inventory *inventory)
{
	free(inventory->items);
	arena_done(&inventory->arena);
	*inventory = (struct inventory){0};
}

static int
compare(const void *a, const void *b)
{
	const struct inventory_item *left = *(struct inventory_item *const *)a;
	const struct inventory_item *right = *(struct inventory_item *const *)b;
	int order = strcmp(left->entry.path, right->entry.path);

	return order != 0 ? order : (left->number > right->number) - (left->number < right->number);
}

/* The last item of this path that came before number `before`. */
static const struct inventory_item *
find_before(struct inventory_item *const *sorted, size_t count, const char *path, size_t before)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(sorted[middle]->entry.path, path);
		if (order < 0 || (order == 0 && sorted[middle]->number < before)) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low > 0 && strcmp(sorted[low - 1]->entry.path, path) == 0 ? sorted[low - 1] : NULL;
}

/* A hard link is what its original was at that time: of it, in turn, the same has been found. */
static int
resolve(struct inventory *inventory, struct inventory_item *const *sorted, struct err *err)
{
	for (size_t i = 0; i < inventory->count; i++) {
		struct inventory_item *item = inventory->items[i];
		if (!item->original) {
			continue;
		}
		const struct inventory_item *original =
			find_before(sorted, inventory->count, item->original, item->number);
		if (!original) {
			return err_fail(err, STATUS_SOURCE, "a hard link to nothing");
		}
		const char *path = item->entry.path;
		item->entry = original->entry;
		item->entry.path = path;
	}
	return 0;
}

/* gather_tree finds no two entries of one path. */
static char *
name_nothing(const void *context, size_t source)
{
	(void)context;
	(void)source;
	return mem_strdup("the archive");
}

int
inventory_tree(struct inventory *inventory, struct tree *ret_tree, struct err *err)
{
	size_t count = inventory->count;
	cleanup_free struct inventory_item **sorted = mem_alloc((count + 1) * sizeof(*sorted));
	struct gather gather = {0};

	for (size_t i = 0; i < count; i++) {
		sorted[i] = inventory->items[i];
	}
	qsort(sorted, count, sizeof(*sorted), compare);
	int result = resolve(inventory, sorted, err);
	for (size_t i = 0; i < count && result == 0; i++) {
		bool is_last = i + 1 == count ||
			       strcmp(sorted[i]->entry.path, sorted[i + 1]->entry.path) != 0;
		if (is_last) {
			gather_add(&gather, &sorted[i]->entry, NULL, GATHER_OWN);
		}
	}
	if (result == 0) {
		result = gather_tree(&gather, name_nothing, NULL, ret_tree, err);
	}
	gather_done(&gather);
	return result;
}
