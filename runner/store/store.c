/* SPDX-License-Identifier: MIT */
/* The store's directory (0700, one owner):
 *
 *	version              "brun store 1": whoever knows another layout keeps out. Written last
 *	                     when the store is made
 *	trees/HEX/           a tree in store form: 0444/0555, mtime 1; HEX is its id
 *	manifests/HEX        its manifest (tree.c), 0444
 *	blobs/HEX            a fetched file, 0444; HEX is its SHA-256
 *	actions/HEX.json     a record (record.c); HEX is the action's key
 *	logs/HEX.log         a step's log
 *	locks/HEX            held while an action is being done: the owner's pid (store_lock.c)
 *	tmp/NAME NAME.lock   directories in use by a run (store_tmp.c)
 *	locks/run-…          what a run uses (store_lease.c)
 *	failed/KEY16         directories of failed steps (-K)
 *	plans/               the plan cache (plan_cache.c)
 *	roots/               what a collection keeps (store_roots.c)
 *	trash/               what one has taken away and not deleted yet (store_gc.c)
 *
 * A tree is committed in four steps, so that a power cut, a kill or a full disk between any two
 * of them leaves a store that works:
 *
 *	1. contents and manifest are complete in tmp/. Nothing refers to them.
 *	2. one sync of the file system. Without it the renames below could reach the disk before
 *	   the contents do (delayed allocation), and trees/HEX would name empty files.
 *	3. rename the manifest to manifests/HEX, then the tree to trees/HEX. A tree counts as
 *	   there if both are: neither rename needs a sync of its own, nor an order on the disk. If
 *	   one is lost the record is, or is disregarded, and the next build makes the tree again;
 *	   what then stands in its place already is whole, for step 2 came before.
 *	4. the record: written in full to a sibling, fsync (an empty record would only be a wasted
 *	   build, but it should not be), rename. A record whose tree is not there counts as missing.
 *
 * What is there already is left as it is: two processes that made the same tree made the same. */
#include "store/store_room.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/disk.h"
#include "store/store_lease.h"
#include "store/store_tmp.h"
#include "tree/seal.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A manifest of a million entries is a tenth of this. */
enum { MANIFEST_MAX = 1 << 30 };

struct store_name
store_name(const char *folder, const struct digest *digest, const char *suffix)
{
	struct store_name name;
	char hex[DIGEST_HEX];

	snprintf(name.text, sizeof(name.text), "%s/%s%s", folder, digest_hex(digest, hex), suffix);
	return name;
}

const char *
store_path(const struct store *store)
{
	return store->path;
}

int
store_fd(const struct store *store)
{
	return store->fd;
}

/* rename(2) asks for write permission on a directory that gets a new "..". */
int
store_set_aside(struct store *store, const char *path, const char *name, struct err *err)
{
	cleanup_free char *aside = mem_printf("trash/%s", name);
	struct stat st;

	if (fstatat(store->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode)) {
		(void)fchmodat(store->fd, path, 0700, 0);
	}
	if (renameat(store->fd, path, store->fd, aside) < 0 && errno != ENOENT) {
		return err_set(err, errno, "move '%s/%s' to '%s'", store->path, path, aside);
	}
	return 0;
}

static bool
has(struct store *store, const char *folder, const struct digest *digest)
{
	struct store_name name = store_name(folder, digest, "");

	return faccessat(store->fd, name.text, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static char *
path_of(const struct store *store, const char *folder, const struct digest *digest,
	const char *suffix)
{
	struct store_name name = store_name(folder, digest, suffix);

	return mem_printf("%s/%s", store->path, name.text);
}

/* Step 3 for the manifest. A manifest without its tree may be left of a run that was killed, and
 * then it may be damaged: it is replaced. */
static int
put_manifest(struct store *store, struct store_tmp *tmp, const struct tree *tree, struct err *err)
{
	struct store_name name = store_name("manifests", &tree->id, "");

	return renameat(tmp->fd, ".manifest", store->fd, name.text) < 0
		       ? err_set(err, errno, "rename to '%s/%s'", store->path, name.text)
		       : 0;
}

static int
put_directory(struct store *store, struct store_tmp *tmp, const char *name, const struct tree *tree,
	struct err *err)
{
	struct store_name final = store_name("trees", &tree->id, "");
	cleanup_fd int dir = fs_open_dir(tmp->fd, name, err);

	if (dir < 0) {
		return -1;
	}
	/* Over an empty directory a plain rename would succeed; over any other it fails: both mean
	 * that another process was faster, or that the tree is the empty one. */
	if (renameat(tmp->fd, name, store->fd, final.text) < 0) {
		return errno == EEXIST || errno == ENOTEMPTY || errno == EACCES
			       ? (store_has_tree(store, &tree->id)
						 ? 0
						 : err_set(err, errno, "rename to '%s/%s'",
							   store->path, final.text))
			       : err_set(err, errno, "rename to '%s/%s'", store->path, final.text);
	}
	return seal_root(dir, err);
}

int
store_put_tree(struct store *store, struct store_tmp *tmp, const char *name,
	const struct tree *tree, struct err *err)
{
	int found = store_hold_tree(store, &tree->id, err);
	if (found != 0) {
		return found < 0 ? -1 : 0;
	}
	if (fs_remove_at(tmp->fd, ".manifest", err) < 0 ||
		fs_create_at(tmp->fd, ".manifest", 0444, tree->text, tree->text_length, err) < 0 ||
		store_sync(store, err) < 0 || put_manifest(store, tmp, tree, err) < 0 ||
		put_directory(store, tmp, name, tree, err) < 0) {
		err_wrap(err, "storing a tree");
		return disk_explain(store->fd, err);
	}
	return 0;
}

/* Reads and checks a manifest. */
static int
read_manifest(struct store *store, const struct digest *id, struct tree *ret_tree, struct err *err)
{
	struct store_name name = store_name("manifests", id, "");
	cleanup_buf struct buf manifest = {0};
	struct tree tree;

	if (fs_read_at(store->fd, name.text, MANIFEST_MAX, &manifest, err) < 0) {
		return err_wrap(err, "store '%s'", store->path);
	}
	if (tree_parse(&manifest, &tree, err) < 0) {
		return err_wrap(err, "'%s/%s'", store->path, name.text);
	}
	if (!digest_equal(&tree.id, id)) {
		tree_done(&tree);
		return err_set(
			err, 0, "'%s/%s': its SHA-256 is not its name", store->path, name.text);
	}
	*ret_tree = tree;
	return 0;
}

int
store_get_tree(struct store *store, const struct digest *id, struct tree *ret_tree, struct err *err)
{
	struct store_name name = store_name("trees", id, "");

	if (!store_has_tree(store, id)) {
		return 0;
	}
	if (read_manifest(store, id, ret_tree, err) == 0) {
		return 1;
	}
	cleanup_fd int tree = fs_open_dir(store->fd, name.text, NULL);
	bool is_damage = err && (!err->number || err->number == ENOENT);
	return is_damage && tree >= 0 ? disk_explain_damage(tree, err) : -1;
}

bool
store_has_tree(struct store *store, const struct digest *id)
{
	return has(store, "trees", id) && has(store, "manifests", id);
}

char *
store_tree_path(const struct store *store, const struct digest *id)
{
	return path_of(store, "trees", id, "");
}

bool
store_has_blob(struct store *store, const struct digest *sha256)
{
	return has(store, "blobs", sha256);
}

char *
store_blob_path(const struct store *store, const struct digest *sha256)
{
	return path_of(store, "blobs", sha256, "");
}

int
store_put_blob(struct store *store, struct store_tmp *tmp, const char *name,
	const struct digest *sha256, struct err *err)
{
	struct store_name final = store_name("blobs", sha256, "");
	cleanup_fd int fd = openat(tmp->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0) {
		return err_set(err, errno, "open '%s/%s'", tmp->path, name);
	}
	if (store_hold(store, sha256, 1, err) < 0) {
		return -1;
	}
	/* On the disk before it has its name, as a tree is (step 2). */
	if (seal_file(fd, TREE_FILE, err) < 0 ||
		(fsync(fd) < 0 && err_set(err, errno, "fsync") < 0)) {
		err_wrap(err, "storing '%s/%s'", tmp->path, name);
		return disk_explain(store->fd, err);
	}
	return renameat(tmp->fd, name, store->fd, final.text) < 0
		       ? err_set(err, errno, "rename to '%s/%s'", store->path, final.text)
		       : 0;
}
