/* SPDX-License-Identifier: MIT */
#include "store/lay.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/disk.h"
#include "store/store.h"
#include "text/quote.h"
#include "tree/beneath.h"
#include "tree/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int
copy_file(int from_dir, const struct gathered *item, int to_dir, struct err *err)
{
	cleanup_fd int from = beneath_open(from_dir, item->original, O_RDONLY);
	cleanup_fd int to = openat(to_dir, item->entry.path,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (from < 0 || to < 0) {
		return quote_failure("copy", item->entry.path, err);
	}
	return fs_copy_fd(from, to, err) < 0 ? -1 : seal_file(to, item->entry.type, err);
}

static int
lay_file(int from_dir, const struct gathered *item, int to_dir, struct err *err)
{
	if (linkat(from_dir, item->original, to_dir, item->entry.path, 0) == 0) {
		return 0;
	}
	/* ext4 gives an inode 65 000 names at most; some file systems give only one. */
	if (errno == EMLINK || errno == EPERM || errno == EXDEV || errno == EOPNOTSUPP) {
		return copy_file(from_dir, item, to_dir, err);
	}
	return quote_failure("link", item->entry.path, err);
}

static int
write_file(const struct gathered *item, int to_dir, struct err *err)
{
	const struct tree_entry *entry = &item->entry;

	if (fs_create_at(to_dir, entry->path, 0600, item->text, entry->size, err) < 0) {
		return -1;
	}
	cleanup_fd int fd = openat(to_dir, entry->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? quote_failure("open", entry->path, err) : seal_file(fd, entry->type, err);
}

/* Directories, which come before what they hold, and what has its contents in the gathering:
 * symbolic links, and its own files. */
static int
lay_frame(const struct gather *gather, int fd, struct err *err)
{
	for (size_t i = 0; i < gather->count; i++) {
		const struct gathered *item = &gather->items[i];
		const struct tree_entry *entry = &item->entry;
		if (item->text && write_file(item, fd, err) < 0) {
			return -1;
		}
		if (entry->type == TREE_DIR && mkdirat(fd, entry->path, 0700) < 0) {
			return quote_failure("mkdir", entry->path, err);
		}
		if (entry->type == TREE_LINK &&
			seal_link(fd, entry->path, entry->target, err) < 0) {
			cleanup_free char *name = quote_path(entry->path);
			return err_wrap(err, "laying %s", name);
		}
	}
	return 0;
}

static int
lay_source(struct store *store, const struct gather *gather, size_t source, const struct digest *id,
	int fd, struct err *err)
{
	cleanup_free char *path = store_tree_path(store, id);
	cleanup_fd int from = fs_open_dir(AT_FDCWD, path, err);

	if (from < 0) {
		return -1;
	}
	for (size_t i = 0; i < gather->count; i++) {
		const struct gathered *item = &gather->items[i];
		if (item->source != source || item->entry.type == TREE_DIR ||
			item->entry.type == TREE_LINK) {
			continue;
		}
		if (lay_file(from, item, fd, err) < 0) {
			err_wrap(err, "from '%s'", path);
			return err && err->number == ENOENT ? disk_explain_damage(from, err) : -1;
		}
	}
	return 0;
}

int
lay_tree(struct store *store, const struct gather *gather, const struct digest *sources,
	size_t source_count, int fd, struct err *err)
{
	if (lay_frame(gather, fd, err) < 0) {
		return -1;
	}
	/* Source by source: one descriptor is enough for any number of them. */
	for (size_t source = 0; source < source_count; source++) {
		if (lay_source(store, gather, source, &sources[source], fd, err) < 0) {
			return -1;
		}
	}
	return 0;
}
