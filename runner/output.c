/* SPDX-License-Identifier: MIT */
#include "output.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "disk.h"
#include "site.h"
#include "stamp.h"
#include "store.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
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

/* No --force is meant to remove these. */
static int
refuse_precious(const struct site *site, const char *store, struct err *err)
{
	const char *home = getenv("HOME");
	const char *what = is_within(".", site->path)			  ? "the current directory"
			   : home && *home && is_within(home, site->path) ? "your home directory"
			   : store && is_within(store, site->path)	  ? "the store"
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

static int
fill(struct store *store, const struct tree *tree, int fd, struct err *err)
{
	cleanup_free char *path = store_tree_path(store, &tree->id);
	cleanup_fd int from = fs_open_dir(AT_FDCWD, path, err);

	if (from < 0 || tree_export(tree, from, fd, err) < 0) {
		return -1;
	}
	if (stamp_write(fd, &tree->id, err) < 0) {
		return disk_explain(fd, err);
	}
	/* Else a power cut could leave a stamp on an output whose contents never reached the disk.
	 */
	return syncfs(fd) < 0 ? err_set(err, errno, "syncfs") : 0;
}

static int
write_tree(struct store *store, const struct tree *tree, const struct site *site, struct err *err)
{
	cleanup_free char *staged = NULL;
	cleanup_fd int fd = -1;

	site_clean(site);
	if (site_stage(site, &staged, &fd, err) < 0) {
		return disk_explain(site->parent, err);
	}
	if (fill(store, tree, fd, err) < 0) {
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
	int result = store_get_tree(store, id, &tree, err);

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
		result = write_tree(store, &tree, site, err);
	}
	tree_done(&tree);
	return result;
}

int
output_write(struct store *store, const struct digest *tree_id, const char *path, bool is_forced,
	bool *ret_is_fresh, struct err *err)
{
	struct site site = {.parent = -1};

	if (site_open(path, &site, err) < 0) {
		return -1;
	}
	bool is_there = site.state == SITE_OURS && digest_equal(&site.id, tree_id);
	int result = check(&site, store_path(store), is_forced, err);
	if (result == 0 && !is_there) {
		result = write_site(store, tree_id, &site, err);
	}
	if (result == 0) {
		*ret_is_fresh = !is_there;
	}
	site_done(&site);
	return result;
}
