/* SPDX-License-Identifier: MIT */
#include "tree/scan.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "text/quote.h"
#include "tree/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A sparse file can claim any size without using disk, and reading it would take as long. */
static const uint64_t FILE_MAX = (uint64_t)64 << 30;

enum { SCAN_PATH_MAX = 4095 };

struct scanner {
	int root;
	bool is_ours;
	const struct glob_rules *rules;
	struct scan scan;
};

static int
complain(const char *path, struct err *err, const char *what)
{
	cleanup_free char *name = quote_path(path);

	return err_fail(err, STATUS_RECIPE, "%s %s", name, what);
}

static int
refuse_special(const char *path, mode_t mode, struct err *err)
{
	const char *kind = S_ISFIFO(mode)   ? "FIFO"
			   : S_ISSOCK(mode) ? "socket"
			   : S_ISCHR(mode)  ? "character device"
			   : S_ISBLK(mode)  ? "block device"
					    : "special file";
	cleanup_free char *name = quote_path(path);

	return err_fail(err, STATUS_RECIPE,
		"%s is a %s: a tree holds files, directories and symbolic links only", name, kind);
}

static int
read_target(struct scanner *scanner, int dir, const char *name, struct tree_entry *entry,
	struct err *err)
{
	char target[SCAN_PATH_MAX + 1];
	ssize_t length = readlinkat(dir, name, target, sizeof(target));

	if (length < 0) {
		return quote_failure("read link", entry->path, err);
	}
	if (length == 0 || length > SCAN_PATH_MAX) {
		return complain(entry->path, err, "is a symbolic link without a usable target");
	}
	entry->target = arena_strndup(&scanner->scan.arena, target, (size_t)length);
	return 0;
}

/* Fills type, target and size. What a tree can't hold is an error only if it is selected. */
static int
classify(struct scanner *scanner, int dir, const char *name, const struct stat *st,
	struct scan_item *item, struct err *err)
{
	struct tree_entry *entry = &item->entry;

	if (S_ISDIR(st->st_mode)) {
		entry->type = TREE_DIR;
		return 0;
	}
	if (!item->is_kept) {
		return 0;
	}
	if (S_ISLNK(st->st_mode)) {
		entry->type = TREE_LINK;
		return read_target(scanner, dir, name, entry, err);
	}
	if (!S_ISREG(st->st_mode)) {
		return refuse_special(entry->path, st->st_mode, err);
	}
	if ((uint64_t)st->st_size > FILE_MAX) {
		return complain(entry->path, err, "is larger than 64 GiB");
	}
	entry->type = st->st_mode & 0111 ? TREE_PROGRAM : TREE_FILE;
	entry->size = (uint64_t)st->st_size;
	scanner->scan.bytes += entry->size;
	return 0;
}

static char *
join(struct scanner *scanner, const char *dir, const char *name, struct err *err)
{
	if (strlen(dir) + strlen(name) + 1 > SCAN_PATH_MAX) {
		complain(dir, err, "holds a path longer than 4095 bytes");
		return NULL;
	}
	return *dir ? arena_printf(&scanner->scan.arena, "%s/%s", dir, name)
		    : arena_strdup(&scanner->scan.arena, name);
}

static struct scan_item *
append(struct scan *scan, const struct scan_item *item)
{
	if (scan->count == scan->capacity) {
		scan->capacity = scan->capacity ? scan->capacity * 2 : 256;
		scan->items = mem_resize(scan->items, scan->capacity, sizeof(*scan->items));
	}
	scan->items[scan->count] = *item;
	return &scan->items[scan->count++];
}

/* `parent` is an index into items, or SIZE_MAX for the root. */
static int
add_name(struct scanner *scanner, int dir, size_t parent, const char *dir_path, const char *name,
	struct err *err)
{
	struct stat st;
	struct scan_item item = {.parent = parent};

	item.entry.path = join(scanner, dir_path, name, err);
	if (!item.entry.path) {
		return -1;
	}
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		return quote_failure("stat", item.entry.path, err);
	}
	item.device = st.st_dev;
	item.inode = st.st_ino;
	item.is_sealed = !(st.st_mode & 07222) && st.st_mtim.tv_sec == 1 && !st.st_mtim.tv_nsec;
	item.links = st.st_nlink;
	item.owner = st.st_uid;
	item.is_kept = glob_selects(scanner->rules, item.entry.path);
	if (classify(scanner, dir, name, &st, &item, err) < 0) {
		return -1;
	}
	if (item.is_kept || S_ISDIR(st.st_mode)) {
		append(&scanner->scan, &item);
	}
	return 0;
}

/* Lists one directory; how many names it has comes back. */
static int
list(struct scanner *scanner, int dir, size_t parent, const char *path, size_t *ret_count,
	struct err *err)
{
	cleanup_free char **names = NULL;
	int result = 0;

	if (fs_list_dir(dir, &names, ret_count, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < *ret_count && result == 0; i++) {
		result = add_name(scanner, dir, parent, path, names[i], err);
	}
	return result;
}

static int
open_any(int root, const char *path, int flags, bool is_ours)
{
	return is_ours ? beneath_open_closed(root, path, flags) : beneath_open(root, path, flags);
}

static void
add_dir(struct scan *scan, const char *path)
{
	if (scan->dir_count == scan->dir_capacity) {
		scan->dir_capacity = scan->dir_capacity ? scan->dir_capacity * 2 : 64;
		scan->dirs = mem_resize(scan->dirs, scan->dir_capacity, sizeof(*scan->dirs));
	}
	scan->dirs[scan->dir_count++] = path;
}

static int
expand(struct scanner *scanner, size_t index, struct err *err)
{
	/* Copied: items may move while the directory is listed; its strings do not. */
	const char *path = scanner->scan.items[index].entry.path;
	size_t count = 0;

	if (!scanner->scan.items[index].is_kept && !glob_may_descend(scanner->rules, path)) {
		return 0;
	}
	cleanup_fd int dir =
		open_any(scanner->root, path, O_RDONLY | O_DIRECTORY, scanner->is_ours);
	if (dir < 0) {
		return quote_failure("open directory", path, err);
	}
	if (list(scanner, dir, index, path, &count, err) < 0) {
		return -1;
	}
	add_dir(&scanner->scan, path);
	scanner->scan.items[index].has_below = count > 0;
	return 0;
}

/* Children come behind their parents: one pass from the end tells which directories matter. */
static void
prune(struct scan *scan)
{
	size_t kept = 0;

	for (size_t i = 0; i < scan->count; i++) {
		if (scan->items[i].entry.type == TREE_DIR && scan->items[i].has_below) {
			scan->items[i].is_kept = false;
		}
	}
	for (size_t i = scan->count; i-- > 0;) {
		if (scan->items[i].is_kept && scan->items[i].parent != SIZE_MAX) {
			scan->items[scan->items[i].parent].is_kept = true;
		}
	}
	for (size_t i = 0; i < scan->count; i++) {
		if (scan->items[i].is_kept) {
			scan->items[kept++] = scan->items[i];
		}
	}
	scan->count = kept;
}

static int
compare_items(const void *a, const void *b)
{
	const struct scan_item *left = a, *right = b;

	return strcmp(left->entry.path, right->entry.path);
}

int
scan_dir(int fd, const struct glob_rules *rules, bool is_ours, struct scan *ret_scan,
	struct err *err)
{
	static const struct glob_rules everything;
	struct scanner scanner = {
		.root = fd, .is_ours = is_ours, .rules = rules ? rules : &everything};
	size_t names;
	int result = list(&scanner, fd, SIZE_MAX, "", &names, err);

	/* The list is its own queue: no recursion, so depth costs neither stack nor descriptors. */
	for (size_t i = 0; i < scanner.scan.count && result == 0; i++) {
		if (scanner.scan.items[i].entry.type == TREE_DIR) {
			result = expand(&scanner, i, err);
		}
	}
	if (result < 0) {
		scan_done(&scanner.scan);
		return -1;
	}
	prune(&scanner.scan);
	if (scanner.scan.count) {
		qsort(scanner.scan.items, scanner.scan.count, sizeof(*scanner.scan.items),
			compare_items);
	}
	*ret_scan = scanner.scan;
	return 0;
}

void
scan_done(struct scan *scan)
{
	free(scan->items);
	free(scan->dirs);
	arena_done(&scan->arena);
	*scan = (struct scan){0};
}

int
scan_open(int fd, const char *path, bool is_ours, struct err *err)
{
	struct stat st;
	int file = open_any(fd, path, O_RDONLY | O_NONBLOCK, is_ours);

	if (file < 0) {
		return quote_failure("open", path, err);
	}
	if (fstat(file, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(file);
		return complain(path, err, "changed its type while it was read");
	}
	return file;
}

int
scan_tree(const struct scan *scan, struct tree *ret_tree, struct err *err)
{
	cleanup_buf struct buf manifest = {0};

	for (size_t i = 0; i < scan->count; i++) {
		tree_record(&manifest, &scan->items[i].entry);
	}
	return tree_parse(&manifest, ret_tree, err);
}
