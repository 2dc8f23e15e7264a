/* SPDX-License-Identifier: MIT */
#include "tree/gather.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "text/quote.h"

#include <stdlib.h>
#include <string.h>

void
gather_add(struct gather *gather, const struct tree_entry *entry, const char *path, size_t source)
{
	if (gather->count == gather->capacity) {
		gather->capacity = gather->capacity ? gather->capacity * 2 : 256;
		gather->items = mem_resize(gather->items, gather->capacity, sizeof(*gather->items));
	}
	struct gathered *item = &gather->items[gather->count++];
	*item = (struct gathered){.entry = *entry, .original = entry->path, .source = source};
	if (path) {
		item->entry.path = path;
	}
}

void
gather_add_file(struct gather *gather, enum tree_type type, const char *path, const char *text,
	size_t length)
{
	const struct tree_entry entry = {
		.type = type, .path = path, .content = sha256_of(text, length), .size = length};

	gather_add(gather, &entry, NULL, GATHER_OWN);
	gather->items[gather->count - 1].text = text;
}

void
gather_done(struct gather *gather)
{
	free(gather->items);
	arena_done(&gather->arena);
	*gather = (struct gather){0};
}

/* By path, then by source: of equal entries the first source's is kept. */
static int
compare_items(const void *a, const void *b)
{
	const struct gathered *left = a, *right = b;
	int order = strcmp(left->entry.path, right->entry.path);

	if (order != 0) {
		return order;
	}
	return (left->source > right->source) - (left->source < right->source);
}

static int
compare_paths(const void *path, const void *item)
{
	return strcmp(path, ((const struct gathered *)item)->entry.path);
}

static void
sort(struct gather *gather)
{
	if (gather->count) {
		qsort(gather->items, gather->count, sizeof(*gather->items), compare_items);
	}
}

struct naming {
	char *(*name)(const void *context, size_t source);
	const void *context;
};

static const char *
describe(enum tree_type type)
{
	static const char *const words[] = {[TREE_DIR] = "a directory",
		[TREE_FILE] = "a file",
		[TREE_PROGRAM] = "an executable file",
		[TREE_LINK] = "a symbolic link"};

	return words[type];
}

static int
conflict(const struct naming *naming, const struct gathered *a, const struct gathered *b,
	struct err *err)
{
	cleanup_free char *path = quote_path(a->entry.path);
	cleanup_free char *first = naming->name(naming->context, a->source);
	cleanup_free char *second = naming->name(naming->context, b->source);

	if (strcmp(a->entry.path, b->entry.path) != 0) {
		cleanup_free char *below = quote_path(b->entry.path);
		err_fail(err, STATUS_RECIPE, "%s is %s in %s, but %s has %s below it", path,
			describe(a->entry.type), first, second, below);
	} else if (a->entry.type != b->entry.type) {
		err_fail(err, STATUS_RECIPE, "%s is %s in %s, but %s in %s", path,
			describe(a->entry.type), first, describe(b->entry.type), second);
	} else if (a->entry.type == TREE_LINK) {
		cleanup_free char *one = quote_path(a->entry.target);
		cleanup_free char *other = quote_path(b->entry.target);
		err_fail(err, STATUS_RECIPE, "%s leads to %s in %s, but to %s in %s", path, one,
			first, other, second);
	} else {
		err_fail(err, STATUS_RECIPE,
			"%s has other contents in %s (%llu bytes) than in %s (%llu bytes)", path,
			first, (unsigned long long)a->entry.size, second,
			(unsigned long long)b->entry.size);
	}
	return err_hint(err, "leave one of the two out, or take the path out of one with filter{}");
}

static bool
agree(const struct tree_entry *a, const struct tree_entry *b)
{
	if (a->type != b->type) {
		return false;
	}
	if (a->type == TREE_LINK) {
		return strcmp(a->target, b->target) == 0;
	}
	return a->type == TREE_DIR || digest_equal(&a->content, &b->content);
}

/* Of each run of equal paths, one is left. */
static int
unite(struct gather *gather, const struct naming *naming, struct err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < gather->count; i++) {
		struct gathered *item = &gather->items[i];
		struct gathered *last = kept ? &gather->items[kept - 1] : NULL;
		if (!last || strcmp(last->entry.path, item->entry.path) != 0) {
			gather->items[kept++] = *item;
		} else if (!agree(&last->entry, &item->entry)) {
			return conflict(naming, last, item, err);
		}
	}
	gather->count = kept;
	return 0;
}

/* The item of the directory above a path, among the first `count` (sorted) items. *ret_parent is
 * the directory's path, NULL at the top. */
static struct gathered *
find_above(struct gather *gather, size_t count, const char *path, char **ret_parent)
{
	const char *slash = strrchr(path, '/');

	if (!slash) {
		*ret_parent = NULL;
		return NULL;
	}
	*ret_parent = arena_strndup(&gather->arena, path, (size_t)(slash - path));
	return count ? bsearch(*ret_parent, gather->items, count, sizeof(*gather->items),
			       compare_paths)
		     : NULL;
}

/* Adds what is missing above item `index`; is what is there a directory? */
static int
complete(struct gather *gather, size_t index, size_t count, const struct naming *naming,
	struct err *err)
{
	const char *path = gather->items[index].entry.path;
	char *parent;

	for (;;) {
		struct gathered *above = find_above(gather, count, path, &parent);
		if (!parent) {
			return 0;
		}
		if (above && above->entry.type != TREE_DIR) {
			return conflict(naming, above, &gather->items[index], err);
		}
		if (above) {
			return 0;
		}
		struct tree_entry entry = {.type = TREE_DIR, .path = parent};
		gather_add(gather, &entry, NULL, gather->items[index].source);
		path = parent;
	}
}

/* Is it in the same directory as the one before? Then nothing new is above it. */
static bool
is_sibling(const char *before, const char *path)
{
	const char *slash = strrchr(path, '/'), *other = strrchr(before, '/');
	size_t length = slash ? (size_t)(slash - path) : 0;

	return !slash ||
	       (other && (size_t)(other - before) == length && memcmp(before, path, length) == 0);
}

static int
add_parents(struct gather *gather, const struct naming *naming, struct err *err)
{
	size_t count = gather->count;

	for (size_t i = 0; i < count; i++) {
		if (i > 0 &&
			is_sibling(gather->items[i - 1].entry.path, gather->items[i].entry.path)) {
			continue;
		}
		if (complete(gather, i, count, naming, err) < 0) {
			return -1;
		}
	}
	if (gather->count == count) {
		return 0;
	}
	sort(gather);
	return unite(gather, naming, err);
}

int
gather_tree(struct gather *gather, char *(*name)(const void *context, size_t source),
	const void *context, struct tree *ret_tree, struct err *err)
{
	struct naming naming = {.name = name, .context = context};
	cleanup_buf struct buf manifest = {0};

	sort(gather);
	if (unite(gather, &naming, err) < 0 || add_parents(gather, &naming, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < gather->count; i++) {
		tree_record(&manifest, &gather->items[i].entry);
	}
	return tree_parse(&manifest, ret_tree, err);
}
