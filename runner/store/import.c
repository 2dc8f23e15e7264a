/* SPDX-License-Identifier: MIT */
/* From a directory to a tree in store form: tree_import; and the same reading without the
 * writing: tree_verify. */
#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/disk.h"
#include "text/amount.h"
#include "text/quote.h"
#include "tree/inodes.h"
#include "tree/parallel.h"
#include "tree/scan.h"
#include "tree/seal.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024 };

struct import {
	int from, to;
	bool is_ours, move;
	int cancel_fd;
	struct inodes *known; /* or NULL */
	struct scan scan;
};

static int
hash_whole(int fd, struct tree_entry *entry, struct err *err)
{
	struct stat st;

	if (sha256_fd(fd, &entry->content, err) < 0) {
		return -1;
	}
	if (fstat(fd, &st) < 0) {
		return err_set(err, errno, "stat");
	}
	entry->size = (uint64_t)st.st_size;
	return 0;
}

static int
check_cancel(const struct import *import, struct err *err)
{
	return cancel_is_asked(import->cancel_fd) ? err_fail(err, STATUS_INTERRUPTED, "interrupted")
						  : 0;
}

/* One read serves both the copy and the hash. */
static int
copy_and_hash(
	const struct import *import, int from, int to, struct tree_entry *entry, struct err *err)
{
	struct sha256 hash;
	cleanup_free char *chunk = mem_alloc(CHUNK);
	ssize_t got;

	if (ioctl(to, FICLONE, from) == 0) {
		return hash_whole(to, entry, err);
	}
	sha256_init(&hash);
	entry->size = 0;
	while ((got = read(from, chunk, CHUNK)) != 0) {
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0 || check_cancel(import, err) < 0 ||
			fs_write_all(to, chunk, (size_t)got, err) < 0) {
			sha256_done(&hash);
			return got < 0 ? err_set(err, errno, "read") : -1;
		}
		sha256_update(&hash, chunk, (size_t)got);
		entry->size += (uint64_t)got;
	}
	entry->content = sha256_final(&hash);
	return 0;
}

/* Moving keeps the inode: it must have no other name, be ours, and carry nothing along. */
static bool
is_movable(const struct import *import, const struct scan_item *item, int fd)
{
	struct stat to;

	return import->move && item->links == 1 && item->owner == geteuid() &&
	       fstat(import->to, &to) == 0 && to.st_dev == item->device &&
	       flistxattr(fd, NULL, 0) <= 0;
}

static int
take_file(struct import *import, struct scan_item *item, struct err *err)
{
	struct tree_entry *entry = &item->entry;
	cleanup_fd int from = scan_open(import->from, entry->path, import->is_ours, err);

	if (from < 0) {
		return -1;
	}
	if (is_movable(import, item, from) &&
		renameat(import->from, entry->path, import->to, entry->path) == 0) {
		return hash_whole(from, entry, err) < 0 ? -1 : seal_file(from, entry->type, err);
	}
	cleanup_fd int to = openat(
		import->to, entry->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0) {
		return err_set(err, errno, "create");
	}
	return copy_and_hash(import, from, to, entry, err) < 0 ? -1
							       : seal_file(to, entry->type, err);
}

static int
take_item(void *context, size_t index, struct err *err)
{
	struct import *import = context;
	struct scan_item *item = &import->scan.items[index];
	int result = check_cancel(import, err);

	if (result < 0) {
		return -1;
	}
	if (item->entry.type == TREE_LINK) {
		result = seal_link(import->to, item->entry.path, item->entry.target, err);
	} else if (item->entry.type != TREE_DIR) {
		result = take_file(import, item, err);
	}
	if (result < 0 && err->status != STATUS_INTERRUPTED) {
		cleanup_free char *name = quote_path(item->entry.path);
		return err_wrap(err, "taking in %s", name);
	}
	return result;
}

static int
check_bytes(const struct scan *scan, uint64_t most, struct err *err)
{
	cleanup_buf struct buf text = {0};

	if (!most || scan->bytes <= most) {
		return 0;
	}
	amount_add_bytes(&text, scan->bytes);
	buf_puts(&text, " in files, of which there may be ");
	amount_add_bytes(&text, most);
	return err_fail(err, STATUS_LIMIT, "%s", buf_text(&text));
}

static int
import_scanned(struct import *import, struct err *err)
{
	struct scan *scan = &import->scan;

	for (size_t i = 0; i < scan->count; i++) {
		const struct tree_entry *entry = &scan->items[i].entry;
		if (entry->type == TREE_DIR && mkdirat(import->to, entry->path, 0700) < 0) {
			return quote_failure("mkdir", entry->path, err);
		}
	}
	return parallel_each(scan->count, scan->bytes, take_item, import, err);
}

int
tree_import(int from_fd, int to_fd, const struct tree_import *how, struct tree *ret_tree,
	struct err *err)
{
	static const struct tree_import everything;
	struct tree tree = {0};

	how = how ? how : &everything;
	struct glob_rules rules = {.include = how->include, .exclude = how->exclude};
	struct import import = {.from = from_fd,
		.to = to_fd,
		.is_ours = !how->is_borrowed,
		.move = how->move,
		.cancel_fd = how->cancel_fd ? *how->cancel_fd : -1};
	if (scan_dir(from_fd, &rules, import.is_ours, &import.scan, err) < 0) {
		return -1;
	}
	int result = check_bytes(&import.scan, how->bytes_most, err);
	if (result == 0) {
		result = import_scanned(&import, err);
	}
	if (result == 0) {
		result = scan_tree(&import.scan, &tree, err);
	}
	if (result == 0) {
		result = seal_dirs(to_fd, &tree, err);
	}
	scan_done(&import.scan);
	if (result < 0) {
		tree_done(&tree);
		return disk_explain(to_fd, err);
	}
	*ret_tree = tree;
	return 0;
}

/* For files of a store: each inode is read once, and is as the store made it. */
static int
hash_known(struct import *import, struct scan_item *item, int fd, struct err *err)
{
	struct tree_entry *entry = &item->entry;
	uint64_t inode = item->links > 1 ? item->inode : 0;

	if (!item->is_sealed) {
		return err_set(err, 0, "its mode or time is not what the store gives to files");
	}
	if (inode && inodes_find(import->known, inode, &entry->content)) {
		return 0;
	}
	if (hash_whole(fd, entry, err) < 0) {
		return -1;
	}
	inodes_add(import->known, inode, &entry->content, entry->size);
	return 0;
}

static int
hash_item(void *context, size_t index, struct err *err)
{
	struct import *import = context;
	struct scan_item *item = &import->scan.items[index];
	struct tree_entry *entry = &item->entry;

	if (entry->type == TREE_LINK || entry->type == TREE_DIR) {
		return 0;
	}
	cleanup_fd int fd = scan_open(import->from, entry->path, import->is_ours, err);
	if (fd < 0) {
		return -1;
	}
	int result = import->known ? hash_known(import, item, fd, err) : hash_whole(fd, entry, err);
	if (result < 0) {
		cleanup_free char *name = quote_path(entry->path);
		return err_wrap(err, "reading %s", name);
	}
	return 0;
}

static bool
is_same(const struct tree_entry *a, const struct tree_entry *b)
{
	if (a->type != b->type || strcmp(a->path, b->path) != 0) {
		return false;
	}
	if (a->type == TREE_LINK) {
		return strcmp(a->target, b->target) == 0;
	}
	return a->type == TREE_DIR ||
	       (a->size == b->size && digest_equal(&a->content, &b->content));
}

/* Names the first path in which the two differ. */
static int
compare(const struct tree *wanted, const struct tree *found, struct err *err)
{
	size_t i = 0;

	while (i < wanted->count && i < found->count &&
		is_same(&wanted->entries[i], &found->entries[i])) {
		i++;
	}
	if (i == wanted->count && i == found->count) {
		return 0;
	}
	const struct tree_entry *want = i < wanted->count ? &wanted->entries[i] : NULL;
	const struct tree_entry *have = i < found->count ? &found->entries[i] : NULL;
	int order = !want ? 1 : !have ? -1 : strcmp(want->path, have->path);
	cleanup_free char *name = quote_path(order <= 0 ? want->path : have->path);
	return err_set(err, 0, "%s %s", name,
		order < 0   ? "is missing"
		: order > 0 ? "does not belong to the tree"
			    : "is not what the tree's manifest says");
}

static int
read_scanned(struct import *import, const struct glob_rules *rules, struct tree *ret_tree,
	struct err *err)
{
	if (scan_dir(import->from, rules, import->is_ours, &import->scan, err) < 0) {
		return -1;
	}
	int result = parallel_each(import->scan.count, import->scan.bytes, hash_item, import, err);
	if (result == 0) {
		result = scan_tree(&import->scan, ret_tree, err);
	}
	scan_done(&import->scan);
	return result;
}

int
tree_read(int from_fd, const struct tree_import *how, struct tree *ret_tree, struct err *err)
{
	struct glob_rules rules = {.include = how->include, .exclude = how->exclude};
	struct import import = {
		.from = from_fd, .to = -1, .is_ours = !how->is_borrowed, .cancel_fd = -1};

	return read_scanned(&import, &rules, ret_tree, err);
}

int
tree_verify(const struct tree *tree, int fd, struct err *err)
{
	return tree_verify_stored(tree, fd, NULL, err);
}

int
tree_verify_stored(const struct tree *tree, int fd, struct inodes *known, struct err *err)
{
	struct import import = {.from = fd, .to = -1, .known = known, .cancel_fd = -1};
	struct tree found = {0};

	if (read_scanned(&import, NULL, &found, err) < 0) {
		return -1;
	}
	int result = compare(tree, &found, err);
	tree_done(&found);
	return result;
}
