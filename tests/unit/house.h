/* SPDX-License-Identifier: MIT */
/* A throwaway store, and trees put into it. Include before unit/test.h. */
#ifndef BRUN_TEST_HOUSE_H
#define BRUN_TEST_HOUSE_H

#include "store/record.h"
#include "store/store.h"
#include "store/store_lock.h"
#include "store/store_log.h"
#include "store/store_tmp.h"

#include "base/sha256.h"
#include "scratch.h"
#include "tree/tree.h"

struct house {
	struct scratch scratch;
	struct store *store;
};

static inline struct house
house_new(void)
{
	struct house house = {.scratch = scratch_new()};
	cleanup_free char *path = mem_printf("%s/store", house.scratch.path);
	struct err err = {0};

	if (store_open(path, &house.store, &err) < 0) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	return house;
}

static inline void
house_done(struct house *house)
{
	store_close(house->store);
	scratch_done(&house->scratch);
}

/* Puts what the directory holds as a tree; its id comes back. */
static inline int
house_put(struct store *store, int from, struct digest *ret_id, struct err *err)
{
	struct store_tmp tmp;
	struct tree tree = {0};

	if (store_tmp_new(store, &tmp, err) < 0) {
		return -1;
	}
	mkdirat(tmp.fd, "to", 0755);
	cleanup_fd int to = fs_open_dir(tmp.fd, "to", NULL);
	int result = tree_import(from, to, NULL, &tree, err);
	if (result == 0) {
		result = store_put_tree(store, &tmp, "to", &tree, err);
		*ret_id = tree.id;
	}
	tree_done(&tree);
	store_tmp_free(store, &tmp);
	return result;
}

/* One entry of a tree to put: text (NULL: a directory), or a link's target. */
struct house_entry {
	const char *path, *text, *link;
	mode_t mode;
};

/* Puts a tree of these entries (the last has no path). */
static inline struct digest
house_tree(struct store *store, const struct house_entry *entries)
{
	struct scratch scratch = scratch_new();
	struct digest id = {0};
	struct err err = {0};

	for (; entries->path; entries++) {
		if (entries->link) {
			cleanup_free char *parent = mem_strdup(entries->path);
			char *slash = strrchr(parent, '/');
			if (slash) {
				*slash = '\0';
				fs_mkdirs_at(scratch.fd, parent, 0755, NULL);
			}
			(void)!symlinkat(entries->link, scratch.fd, entries->path);
		} else if (entries->text) {
			scratch_file(scratch.fd, entries->path,
				entries->mode ? entries->mode : 0644, entries->text);
		} else {
			fs_mkdirs_at(scratch.fd, entries->path, 0755, NULL);
		}
	}
	if (house_put(store, scratch.fd, &id, &err) < 0) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	scratch_done(&scratch);
	return id;
}
#define HOUSE_TREE(store, ...)                                                                     \
	house_tree(store, (const struct house_entry[]){__VA_ARGS__, {NULL, NULL, NULL, 0}})

/* The names of a tree's entries, one a line, "DIR/" and "LINK -> TARGET"; verified on the way. */
static inline char *
house_list(struct store *store, const struct digest *id)
{
	struct buf text = {0};
	struct tree tree = {0};
	struct err err = {0};
	cleanup_free char *path = store_tree_path(store, id);
	cleanup_fd int dir = fs_open_dir(AT_FDCWD, path, NULL);

	if (store_get_tree(store, id, &tree, &err) <= 0 || tree_verify(&tree, dir, &err) < 0) {
		buf_printf(&text, "error: %s", err.text);
	}
	for (size_t i = 0; i < tree.count; i++) {
		const struct tree_entry *entry = &tree.entries[i];
		buf_printf(&text, "%s%s%s\n", entry->path,
			entry->type == TREE_DIR	      ? "/"
			: entry->type == TREE_PROGRAM ? "*"
			: entry->type == TREE_LINK    ? " -> "
						      : "",
			entry->target ? entry->target : "");
	}
	tree_done(&tree);
	return buf_take(&text);
}

#endif
