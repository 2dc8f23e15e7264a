/* SPDX-License-Identifier: MIT */
#include "store/output.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "store/disk.h"
#include "store/site.h"
#include "store/stamp.h"
#include "store/store.h"
#include "store/store_lease.h"
#include "store/store_room.h"
#include "store/store_roots.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Is `inner` the directory `outer`, or somewhere below it? Both as they really are. */
static bool
is_within(const char *inner, const char *outer)
{
	cleanup_free char *below = realpath(inner, NULL), *above = realpath(outer, NULL);

	if (!below || !above) {
		return false;
	}
	size_t length = strlen(above);
	return strncmp(below, above, length) == 0 &&
	       (below[length] == '/' || below[length] == '\0');
}

/* The store at hand, if any, and the one that this user's runs have by default. */
static bool
holds_store(const struct site *site, const char *store)
{
	cleanup_free char *usual = NULL;

	return (store && is_within(store, site->path)) ||
	       (store_find_path(NULL, &usual, NULL) == 0 && is_within(usual, site->path));
}

/* No --force is meant to remove these. */
static int
refuse_precious(const struct site *site, const char *store, struct err *err)
{
	const char *home = getenv("HOME");
	const char *what = is_within(".", site->path)			  ? "the current directory"
			   : home && *home && is_within(home, site->path) ? "your home directory"
			   : holds_store(site, store)			  ? "the store"
									  : NULL;

	return what ? err_fail(err, STATUS_USAGE, "the output '%s' would replace %s", site->path,
			      what)
		    : 0;
}

static int
check(const struct site *site, const char *store, bool is_forced, struct err *err)
{
	if (site->state != SITE_FOREIGN) {
		return 0;
	}
	if (is_forced) {
		return refuse_precious(site, store, err);
	}
	err_fail(err, STATUS_USAGE, "'%s' is there already, and brun did not make it", site->path);
	return err_hint(err, "name another directory, or let it be replaced with --force");
}

int
output_check(const char *path, bool is_forced, struct err *err)
{
	struct site site = {.parent = -1};

	if (site_open(path, &site, err) < 0) {
		return -1;
	}
	int result = check(&site, NULL, is_forced, err);
	site_done(&site);
	return result;
}

/* A tree of the store, on its way out. */
struct copy {
	struct store *store;
	const struct tree *tree;
};

/* What fills a directory, and says which tree that made. */
struct filling {
	int (*fill)(const struct filling *filling, int fd, struct digest *ret_id, struct err *err);
	const struct copy *copy;
	output_fill_fn *make;
	void *context;
};

static int
fill_by_copy(const struct filling *filling, int fd, struct digest *ret_id, struct err *err)
{
	const struct copy *copy = filling->copy;
	cleanup_free char *path = store_tree_path(copy->store, &copy->tree->id);
	cleanup_fd int from = fs_open_dir(AT_FDCWD, path, err);

	*ret_id = copy->tree->id;
	return from < 0 ? -1 : tree_export(copy->tree, from, fd, false, err);
}

/* Directories are for all to read, like the files: whatever the umask was. */
static int
open_dirs(const struct tree *tree, int fd, struct err *err)
{
	for (size_t i = 0; i < tree->count; i++) {
		const struct tree_entry *entry = &tree->entries[i];
		if (entry->type == TREE_DIR && fchmodat(fd, entry->path, 0755, 0) < 0) {
			return err_set(err, errno, "chmod '%s'", entry->path);
		}
	}
	return 0;
}

static int
fill_by_making(const struct filling *filling, int fd, struct digest *ret_id, struct err *err)
{
	const struct tree_import how = {.is_borrowed = true};
	struct tree tree = {0};

	if (filling->make(filling->context, fd, err) < 0) {
		return disk_explain(fd, err);
	}
	if (tree_read(fd, &how, &tree, err) < 0) {
		return -1;
	}
	*ret_id = tree.id;
	int result = open_dirs(&tree, fd, err);
	tree_done(&tree);
	return result;
}

static int
fill_and_stamp(const struct filling *filling, int fd, struct err *err)
{
	struct digest id;

	if (filling->fill(filling, fd, &id, err) < 0) {
		return -1;
	}
	if (stamp_write(fd, &id, err) < 0) {
		return disk_explain(fd, err);
	}
	/* Else a power cut could leave a stamp on an output whose contents never reached the
	 * disk. */
	return syncfs(fd) < 0 ? err_set(err, errno, "syncfs") : 0;
}

static int
fill_site(const struct site *site, const struct filling *filling, struct err *err)
{
	cleanup_free char *staged = NULL;
	cleanup_fd int fd = -1;

	site_clean(site);
	if (site_stage(site, &staged, &fd, err) < 0) {
		return disk_explain(site->parent, err);
	}
	if (fill_and_stamp(filling, fd, err) < 0) {
		(void)fs_remove_at(site->parent, staged, NULL);
		return err_wrap(err, "writing the output '%s'", site->path);
	}
	if (site_swap(site, staged, err) < 0) {
		if (site->state == SITE_ABSENT) {
			(void)fs_remove_at(site->parent, staged, NULL);
		}
		return -1;
	}
	return 0;
}

static int
write_site(struct store *store, const struct digest *id, const struct site *site, struct err *err)
{
	struct tree tree = {0};
	char hex[DIGEST_HEX];
	int result = store_hold(store, id, 1, err) < 0 ? -1 : store_get_tree(store, id, &tree, err);

	if (result <= 0) {
		return result < 0 ? -1
				  : err_set(err, 0, "the tree %s is not in the store '%s'",
					    digest_hex(id, hex), store_path(store));
	}
	if (tree_find(&tree, stamp_name)) {
		result = err_fail(err, STATUS_RECIPE,
			"the output holds '%s', the name by which brun knows its own outputs",
			stamp_name);
	} else {
		const struct copy copy = {store, &tree};
		const struct filling filling = {.fill = fill_by_copy, .copy = &copy};
		result = fill_site(site, &filling, err);
	}
	tree_done(&tree);
	return result;
}

/* Before the output is there, so that none is ever without, and once more after it, for a
 * collection may have found a root without its output meanwhile. The tree is held all the while. */
static int
add_root(struct store *store, const struct site *site, struct err *err)
{
	char link[64], parent[PATH_MAX];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", site->parent);
	ssize_t length = readlink(link, parent, sizeof(parent) - 1);
	if (length <= 0) {
		return err_set(err, errno, "finding where '%s' lies", site->path);
	}
	parent[length] = '\0';
	cleanup_free char *path =
		mem_printf("%s/%s", strcmp(parent, "/") == 0 ? "" : parent, site->name);
	return store_root_add_output(store, path, err);
}

int
output_write(struct store *store, const struct digest *tree_id, const char *path, bool is_forced,
	bool *ret_is_fresh, struct err *err)
{
	struct site site = {.parent = -1};

	if (site_open(path, &site, err) < 0) {
		return -1;
	}
	bool is_there =
		site.state == SITE_OURS && site.is_believed && digest_equal(&site.id, tree_id);
	int result = check(&site, store_path(store), is_forced, err);
	if (result == 0) {
		result = add_root(store, &site, err);
	}
	if (result == 0 && !is_there) {
		result = write_site(store, tree_id, &site, err);
		result = result == 0 ? add_root(store, &site, err) : result;
	}
	if (result == 0) {
		*ret_is_fresh = !is_there;
	}
	site_done(&site);
	return result;
}

int
output_make(const char *path, bool is_forced, output_fill_fn *fill, void *context, struct err *err)
{
	const struct filling filling = {.fill = fill_by_making, .make = fill, .context = context};
	struct site site = {.parent = -1};

	if (site_open(path, &site, err) < 0) {
		return -1;
	}
	int result = check(&site, NULL, is_forced, err);
	if (result == 0) {
		result = fill_site(&site, &filling, err);
	}
	site_done(&site);
	return result;
}
