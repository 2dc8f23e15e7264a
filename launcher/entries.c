/* SPDX-License-Identifier: MIT */
#include "entries.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "pack.h"
#include "paths.h"
#include "sources.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One walk over one tree. */
struct reading {
	struct sources *sources;
	const struct source *source;
	struct entries *entries;
};

/* The items' array has room for the next power of two. */
static size_t
room(size_t count)
{
	size_t size = 1;

	while (size < count) {
		size *= 2;
	}
	return size;
}

struct packed_entry *
entries_add(
	struct sources *sources, struct entries *entries, enum entry_type type, const char *path)
{
	struct packed_entry *entry = arena_alloc(&sources->arena, 1, sizeof(*entry));

	entry->type = type;
	entry->path = arena_strdup(&sources->arena, path);
	if ((entries->count & (entries->count - 1)) == 0) {
		entries->items = mem_resize(
			entries->items, room(entries->count + 1), sizeof(*entries->items));
	}
	entries->items[entries->count++] = entry;
	return entry;
}

static int
entry_compare(const void *a, const void *b)
{
	return strcmp(
		(*(struct packed_entry *const *)a)->path, (*(struct packed_entry *const *)b)->path);
}

void
entries_sort(struct entries *entries)
{
	if (entries->count > 0) {
		qsort(entries->items, entries->count, sizeof(*entries->items), entry_compare);
	}
}

struct packed_entry *
entries_find(const struct entries *entries, const char *path)
{
	struct packed_entry key = {.path = path}, *pointer = &key;
	struct packed_entry **found = entries->count > 0
					      ? bsearch(&pointer, entries->items, entries->count,
							sizeof(*entries->items), entry_compare)
					      : NULL;

	return found ? *found : NULL;
}

void
entries_done(struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		buf_done(&entries->items[i]->contents);
	}
	free(entries->items);
	*entries = (struct entries){0};
}

static int
add_file(struct reading *reading, const char *path, const struct stat *st, struct err *err)
{
	const char *label = reading->source->label;

	if (st->st_mode & (S_ISUID | S_ISGID)) {
		err_fail(err, STATUS_UNPACKABLE, "'%s' of %s is set-%s: that is not packed", path,
			label, st->st_mode & S_ISUID ? "user-id" : "group-id");
		return err_hint(err, "Take the bit away (chmod u-s,g-s) if it can do without.");
	}
	struct file *file = source_file(reading->sources, reading->source, path);
	if (!file) {
		return err_set(err, errno, "read '%s' of %s", path, label);
	}
	struct packed_entry *entry =
		entries_add(reading->sources, reading->entries, ENTRY_FILE, path);
	entry->file = file;
	entry->is_executable = st->st_mode & 0111;
	return 0;
}

/* A link that names the build's prefix is made relative: it leads to the same place anywhere. */
static int
add_link(struct reading *reading, int fd, const char *name, const char *path, struct err *err)
{
	struct arena *arena = &reading->sources->arena;
	char target[PATH_MAX];
	ssize_t length = readlinkat(fd, name, target, sizeof(target));

	if (length < 0 || length == sizeof(target)) {
		return err_set(err, length < 0 ? errno : ENAMETOOLONG, "read link '%s' of %s", path,
			reading->source->label);
	}
	target[length] = '\0';
	struct packed_entry *entry =
		entries_add(reading->sources, reading->entries, ENTRY_LINK, path);
	const char *below = target[0] == '/' && *reading->source->prefix
				    ? source_strip(reading->source, target)
				    : NULL;
	entry->target = below ? path_relative(arena, path_dir(arena, path), below)
			      : arena_strdup(arena, target);
	entry->target = *entry->target ? entry->target : ".";
	return 0;
}

static int read_dir(struct reading *reading, int fd, const char *path, struct err *err);

static int
read_name(struct reading *reading, int fd, const char *dir, const char *name, struct err *err)
{
	const char *label = reading->source->label;
	cleanup_free char *path = mem_printf("%s%s%s", dir, *dir ? "/" : "", name);
	struct stat st;

	if (strlen(path) >= PATH_MAX) {
		return err_set(err, ENAMETOOLONG, "a path of %s", label);
	}
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		return err_set(err, errno, "stat '%s' of %s", path, label);
	}
	if (S_ISREG(st.st_mode)) {
		return add_file(reading, path, &st, err);
	}
	if (S_ISLNK(st.st_mode)) {
		return add_link(reading, fd, name, path, err);
	}
	if (!S_ISDIR(st.st_mode)) {
		return err_fail(err, STATUS_UNPACKABLE,
			"'%s' of %s is neither a file, a directory nor a symlink", path, label);
	}
	cleanup_fd int below = fs_open_dir(fd, name, err);
	if (below < 0) {
		return err_wrap(err, "in '%s' of %s", dir, label);
	}
	entries_add(reading->sources, reading->entries, ENTRY_DIR, path);
	return read_dir(reading, below, path, err);
}

static int
read_dir(struct reading *reading, int fd, const char *path, struct err *err)
{
	cleanup_free char **names = NULL;
	size_t count = 0;

	if (fs_list_dir(fd, &names, &count, err) < 0) {
		return err_wrap(err, "in '%s' of %s", path, reading->source->label);
	}
	for (size_t i = 0; i < count; i++) {
		if (read_name(reading, fd, path, names[i], err) < 0) {
			return -1;
		}
	}
	return 0;
}

/* 1: the two are the same thing; 0: they are not; -1 and err. */
static int
is_same(const struct packed_entry *a, const struct packed_entry *b, struct err *err)
{
	if (a->type != b->type) {
		return 0;
	}
	if (a->type == ENTRY_LINK) {
		return strcmp(a->target, b->target) == 0;
	}
	if (a->type == ENTRY_DIR) {
		return 1;
	}
	return a->is_executable == b->is_executable ? file_same(a->file, b->file, err) : 0;
}

/* Two trees may have the same thing on one path; of such pairs the first stays. */
static int
drop_doubles(struct entries *entries, struct err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < entries->count; i++) {
		struct packed_entry *entry = entries->items[i];
		struct packed_entry *last = kept > 0 ? entries->items[kept - 1] : NULL;
		if (!last || strcmp(last->path, entry->path) != 0) {
			entries->items[kept++] = entry;
			continue;
		}
		int same = is_same(last, entry, err);
		if (same <= 0) {
			return same < 0 ? -1
					: err_fail(err, STATUS_UNPACKABLE,
						  "'%s' is in two of the trees that make up the "
						  "output (%s%s%s), and differs",
						  entry->path,
						  last->file ? last->file->source->label : "",
						  last->file && entry->file ? ", " : "",
						  entry->file ? entry->file->source->label : "");
		}
	}
	entries->count = kept;
	return 0;
}

int
entries_merge(struct entries *entries, struct entries *more, struct err *err)
{
	if (more->count > 0) {
		entries->items = mem_resize(
			entries->items, room(entries->count + more->count), sizeof(*more->items));
		memcpy(entries->items + entries->count, more->items,
			more->count * sizeof(*more->items));
		entries->count += more->count;
	}
	free(more->items);
	*more = (struct entries){0};
	entries_sort(entries);
	return drop_doubles(entries, err);
}

/* A program that no recipe built: PATH comes out as bin/NAME. */
static int
add_program(struct sources *sources, struct entries *entries, const char *path, struct err *err)
{
	const struct source *source = &sources->items[0];
	struct file *file = source_lookup(sources, source, path);

	if (!file) {
		return err_fail(err, STATUS_USAGE, "'%s' is no program in %s", path, source->label);
	}
	if (!(file->mode & 0111)) {
		return err_fail(err, STATUS_UNPACKABLE, "'%s' is not executable", path);
	}
	if (file->mode & (S_ISUID | S_ISGID)) {
		return err_fail(err, STATUS_UNPACKABLE, "'%s' is set-id: that is not packed", path);
	}
	if (file->class == FILE_LAUNCHER) {
		err_fail(err, STATUS_UNPACKABLE, "'%s' is a packed program already", path);
		return err_hint(err, "Copy the directory that it is in as a whole.");
	}
	if (file->class != FILE_DYNAMIC_PROGRAM && file->class != FILE_STATIC_PROGRAM &&
		file->class != FILE_SCRIPT) {
		return err_fail(err, STATUS_UNPACKABLE, "'%s' is no program: %s", path,
			file->why		    ? file->why
			: file->class == FILE_OTHER ? "neither an ELF file nor a script"
						    : file_class_name(file->class));
	}
	cleanup_free char *visible = mem_printf("bin/%s", path_name(path));
	struct packed_entry *entry = entries_add(sources, entries, ENTRY_FILE, visible);
	entry->file = file;
	entry->is_executable = true;
	entry->is_asked = true;
	return 0;
}

static int
read_programs(struct sources *sources, const char *const *programs, struct entries *entries,
	struct err *err)
{
	entries_add(sources, entries, ENTRY_DIR, "bin");
	for (; *programs; programs++) {
		if (add_program(sources, entries, *programs, err) < 0) {
			return -1;
		}
	}
	return 0;
}

int
entries_read(struct sources *sources, const struct pack_spec *spec, struct entries *ret_entries,
	struct err *err)
{
	struct entries entries = {0};
	int result = spec->programs ? read_programs(sources, spec->programs, &entries, err) : 0;

	for (size_t i = 0; i < sources->count && result == 0; i++) {
		struct reading reading = {sources, &sources->items[i], &entries};
		if (reading.source->is_shipped) {
			result = read_dir(&reading, reading.source->fd, "", err);
		}
	}
	entries_sort(&entries);
	result = result == 0 ? drop_doubles(&entries, err) : result;
	if (result < 0) {
		entries_done(&entries);
		return -1;
	}
	*ret_entries = entries;
	return 0;
}

static int
copy_file(const struct packed_entry *entry, int to_fd, struct err *err)
{
	mode_t mode = entry->is_executable ? 0755 : 0644;

	if (entry->has_contents) {
		return fs_create_at(to_fd, entry->path, mode, buf_text(&entry->contents),
			entry->contents.length, err);
	}
	return file_copy(entry->file, &entry->changes, to_fd, entry->path, mode, err);
}

static int
inode_compare(const void *a, const void *b)
{
	const struct file *one = ((const struct packed_entry *)a)->file;
	const struct file *two = ((const struct packed_entry *)b)->file;

	if (one->device != two->device) {
		return one->device < two->device ? -1 : 1;
	}
	return one->inode < two->inode ? -1 : one->inode > two->inode;
}

static bool
is_written_alike(const struct packed_entry *a, const struct packed_entry *b)
{
	return a->is_executable == b->is_executable && a->has_contents == b->has_contents &&
	       a->contents.length == b->contents.length && changes_same(&a->changes, &b->changes) &&
	       (!a->has_contents || memcmp(buf_text(&a->contents), buf_text(&b->contents),
					    a->contents.length) == 0);
}

static int
write_file(const struct packed_entry *entry, void **inodes, int to_fd, struct err *err)
{
	if (entry->file && entry->file->links > 1) {
		const struct packed_entry **first = tsearch(entry, inodes, inode_compare);
		if (first && *first != entry && is_written_alike(*first, entry) &&
			linkat(to_fd, (*first)->path, to_fd, entry->path, 0) == 0) {
			return 0;
		}
	}
	return copy_file(entry, to_fd, err);
}

static int
write_entry(const struct packed_entry *entry, void **inodes, int to_fd, struct err *err)
{
	switch (entry->type) {
	case ENTRY_DIR:
		return mkdirat(to_fd, entry->path, 0755) < 0 ||
				       fchmodat(to_fd, entry->path, 0755, 0) < 0
			       ? err_set(err, errno, "mkdir '%s'", entry->path)
			       : 0;
	case ENTRY_LINK:
		return symlinkat(entry->target, to_fd, entry->path) < 0
			       ? err_set(err, errno, "make link '%s'", entry->path)
			       : 0;
	case ENTRY_FILE:
		break;
	}
	return write_file(entry, inodes, to_fd, err);
}

static void
keep_node(void *node)
{
	(void)node;
}

/* A link may stand where another entry wants a directory: what was written there would come out
 * wherever it leads. */
static int
check_places(const struct entries *entries, struct err *err)
{
	for (size_t i = 0; i < entries->count; i++) {
		cleanup_free char *parent = mem_strdup(entries->items[i]->path);
		for (char *slash; (slash = strrchr(parent, '/')) != NULL;) {
			*slash = '\0';
			const struct packed_entry *above = entries_find(entries, parent);
			if (above && above->type != ENTRY_DIR) {
				return err_fail(err, STATUS_UNPACKABLE,
					"'%s' can't lie in '%s', which is no directory of the output",
					entries->items[i]->path, parent);
			}
		}
	}
	const struct packed_entry *resources = entries_find(entries, "brun-resources.d");
	return resources && resources->type != ENTRY_DIR
		       ? err_fail(err, STATUS_UNPACKABLE,
				 "the output has a 'brun-resources.d' that is no directory")
		       : 0;
}

int
entries_write(const struct entries *entries, int to_fd, struct err *err)
{
	void *inodes = NULL;
	int result = check_places(entries, err);

	for (size_t i = 0; i < entries->count && result == 0; i++) {
		result = write_entry(entries->items[i], &inodes, to_fd, err);
	}
	tdestroy(inodes, keep_node);
	return result;
}
