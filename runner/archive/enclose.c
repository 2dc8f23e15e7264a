/* SPDX-License-Identifier: MIT */
/* Entries in the order of the manifest; every one of time 1, of nobody, of mode 0444 or 0555: there
 * is nothing in the archive that is not in the tree. pax headers only where ustar can't say it. */
#include "archive/enclose.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "text/quote.h"
#include "tree/tree.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024 };

struct enclosing {
	struct archive *archive;
	struct archive_entry *entry;
	int dir_fd;
	char *chunk;
};

static int
complain(const struct enclosing *enclosing, const char *path, struct err *err)
{
	const char *said = archive_error_string(enclosing->archive);
	cleanup_free char *name = quote_path(path);

	return err_set(err, archive_errno(enclosing->archive), "archiving %s: %s", name,
		said ? said : "failed");
}

/* Exactly `size` bytes: what grows or shrinks meanwhile is not the tree. */
static int
add_contents(struct enclosing *enclosing, const struct tree_entry *entry, struct err *err)
{
	uint64_t left = entry->size;
	cleanup_fd int fd =
		openat(enclosing->dir_fd, entry->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0) {
		return quote_failure("open", entry->path, err);
	}
	while (left > 0) {
		size_t wanted = left < CHUNK ? (size_t)left : CHUNK;
		ssize_t got = read(fd, enclosing->chunk, wanted);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			errno = got < 0 ? errno : ENODATA;
			return quote_failure("read", entry->path, err);
		}
		if (archive_write_data(enclosing->archive, enclosing->chunk, (size_t)got) != got) {
			return complain(enclosing, entry->path, err);
		}
		left -= (uint64_t)got;
	}
	return 0;
}

static void
describe(struct archive_entry *to, const struct tree_entry *entry)
{
	bool is_file = entry->type == TREE_FILE || entry->type == TREE_PROGRAM;

	archive_entry_clear(to);
	archive_entry_set_pathname(to, entry->path);
	archive_entry_set_mtime(to, 1, 0);
	archive_entry_set_perm(to, entry->type == TREE_FILE ? 0444 : 0555);
	archive_entry_set_filetype(to, entry->type == TREE_DIR	  ? AE_IFDIR
				       : entry->type == TREE_LINK ? AE_IFLNK
								  : AE_IFREG);
	archive_entry_set_size(to, is_file ? (int64_t)entry->size : 0);
	if (entry->type == TREE_LINK) {
		archive_entry_set_symlink(to, entry->target);
	}
}

static int
add_entry(struct enclosing *enclosing, const struct tree_entry *entry, struct err *err)
{
	describe(enclosing->entry, entry);
	if (archive_write_header(enclosing->archive, enclosing->entry) != ARCHIVE_OK) {
		return complain(enclosing, entry->path, err);
	}
	return entry->type == TREE_FILE || entry->type == TREE_PROGRAM
		       ? add_contents(enclosing, entry, err)
		       : 0;
}

static int
add_all(struct enclosing *enclosing, const struct tree *tree, int to_fd, struct err *err)
{
	struct archive *archive = enclosing->archive;

	if (archive_write_set_format_pax_restricted(archive) != ARCHIVE_OK ||
		archive_write_add_filter_zstd(archive) != ARCHIVE_OK ||
		archive_write_open_fd(archive, to_fd) != ARCHIVE_OK) {
		return complain(enclosing, "a tree", err);
	}
	for (size_t i = 0; i < tree->count; i++) {
		if (add_entry(enclosing, &tree->entries[i], err) < 0) {
			return -1;
		}
	}
	return archive_write_close(archive) == ARCHIVE_OK ? 0 : complain(enclosing, "a tree", err);
}

int
enclose_tree(const struct tree *tree, int dir_fd, int to_fd, struct err *err)
{
	struct enclosing enclosing = {
		.archive = archive_write_new(),
		.entry = archive_entry_new(),
		.dir_fd = dir_fd,
		.chunk = mem_alloc(CHUNK),
	};

	if (!enclosing.archive || !enclosing.entry) {
		abort();
	}
	int result = add_all(&enclosing, tree, to_fd, err);
	archive_entry_free(enclosing.entry);
	archive_write_free(enclosing.archive);
	free(enclosing.chunk);
	return result;
}
