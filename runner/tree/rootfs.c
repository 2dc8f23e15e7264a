/* SPDX-License-Identifier: MIT */
/* Symbolic links keep their targets as written. Policy 10.5 has links between top-level directories
 * absolute, and on an installed system, too, a file of /lib lies in /usr/lib: a link that works
 * there works here. */
#include "tree/rootfs.h"

#include "base/arena.h"

#include <string.h>

/* Those with `always` are there whatever the packages hold. */
static const struct {
	const char *name, *target;
	bool always;
} tops[] = {
	{"bin", "usr/bin", true},
	{"lib", "usr/lib", true},
	{"lib32", "usr/lib32", false},
	{"lib64", "usr/lib64", true},
	{"libx32", "usr/libx32", false},
	{"sbin", "usr/sbin", true},
};

enum { TOP_COUNT = sizeof(tops) / sizeof(tops[0]) };

/* The index in tops of the path's first component; TOP_COUNT: none of them. */
static size_t
top_of(const char *path)
{
	size_t length = strcspn(path, "/"), i = 0;

	while (i < TOP_COUNT &&
		(strncmp(tops[i].name, path, length) != 0 || tops[i].name[length])) {
		i++;
	}
	return i;
}

/* The link that merges the top-level directory, as base-files or usrmerge would ship it. */
static bool
is_merging_link(const struct tree_entry *entry, size_t top)
{
	return entry->type == TREE_LINK && strcmp(entry->path, tops[top].name) == 0 &&
	       strcmp(entry->target + (entry->target[0] == '/'), tops[top].target) == 0;
}

void
rootfs_add(struct gather *gather, const struct tree *package, size_t source)
{
	for (size_t i = 0; i < package->count; i++) {
		const struct tree_entry *entry = &package->entries[i];
		size_t top = top_of(entry->path);
		if (top == TOP_COUNT) {
			gather_add(gather, entry, NULL, source);
		} else if (!is_merging_link(entry, top)) {
			gather_add(gather, entry,
				arena_printf(&gather->arena, "usr/%s", entry->path), source);
		}
	}
}

static bool
has_below_usr(const struct gather *gather, const char *target)
{
	for (size_t i = 0; i < gather->count; i++) {
		if (strcmp(gather->items[i].entry.path, target) == 0) {
			return true;
		}
	}
	return false;
}

void
rootfs_finish(struct gather *gather)
{
	for (size_t i = 0; i < TOP_COUNT; i++) {
		if (!tops[i].always && !has_below_usr(gather, tops[i].target)) {
			continue;
		}
		struct tree_entry link = {
			.type = TREE_LINK, .path = tops[i].name, .target = tops[i].target};
		struct tree_entry dir = {.type = TREE_DIR, .path = tops[i].target};
		gather_add(gather, &link, NULL, GATHER_OWN);
		gather_add(gather, &dir, NULL, GATHER_OWN);
	}
}
