/* SPDX-License-Identifier: MIT */
#include "take.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "entries.h"
#include "notes.h"
#include "paths.h"
#include "sources.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <search.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 64, LINKS_MAX = 2 };

/* A search: the path so far, and what follows. */
struct finding {
	struct sources *sources;
	const struct source *source;
	void (*each)(void *context, const char *path);
	void *context;
};

static int
open_dir(struct sources *sources, const struct source *source, const char *path)
{
	const char *canonical = source_resolve(sources, source, path);

	return canonical ? fs_open_dir(source->fd, *canonical ? canonical : ".", NULL) : -1;
}

static bool
exists(const struct finding *finding, const char *path)
{
	const char *canonical = source_resolve(finding->sources, finding->source, path);

	return canonical && *canonical &&
	       faccessat(finding->source->fd, canonical, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void find_below(const struct finding *finding, const char *path, const char *pattern);

static void
find_names(const struct finding *finding, const char *path, const char *pattern, const char *rest)
{
	cleanup_free char **names = NULL;
	size_t count = 0;
	cleanup_fd int fd = open_dir(finding->sources, finding->source, path);

	if (fd < 0 || fs_list_dir(fd, &names, &count, NULL) < 0) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (fnmatch(pattern, names[i], FNM_PERIOD) == 0) {
			cleanup_free char *below =
				mem_printf("%s%s%s", path, *path ? "/" : "", names[i]);
			find_below(finding, below, rest);
		}
	}
}

static void
find_below(const struct finding *finding, const char *path, const char *pattern)
{
	if (*pattern == '\0') {
		if (exists(finding, path)) {
			finding->each(finding->context, path);
		}
		return;
	}
	size_t length = strcspn(pattern, "/");
	cleanup_free char *name = mem_strndup(pattern, length);
	const char *rest = pattern + length + (pattern[length] == '/');
	if (strpbrk(name, "*?[")) {
		find_names(finding, path, name, rest);
		return;
	}
	cleanup_free char *below = mem_printf("%s%s%s", path, *path ? "/" : "", name);
	find_below(finding, below, rest);
}

void
take_find(struct sources *sources, const struct source *source, const char *pattern,
	void (*each)(void *context, const char *path), void *context)
{
	const struct finding finding = {sources, source, each, context};

	find_below(&finding, "", pattern);
}

static int
compare_paths(const void *a, const void *b)
{
	return strcmp(
		((const struct packed_entry *)a)->path, ((const struct packed_entry *)b)->path);
}

static struct packed_entry *
find_there(const struct taking *taking, const char *path)
{
	struct packed_entry key = {.path = path};
	struct packed_entry *entry = entries_find(taking->entries, path);
	struct packed_entry **found = entry ? NULL : tfind(&key, taking->index, compare_paths);

	return found ? *found : entry;
}

static struct packed_entry *
add(const struct taking *taking, enum entry_type type, const char *path)
{
	struct packed_entry *entry = entries_add(taking->sources, taking->more, type, path);

	tsearch(entry, taking->index, compare_paths);
	return entry;
}

/* Other rules, or other programs' trees, may have brought something else to the same place. */
static void
note_taken(const struct taking *taking, const char *path, const char *to)
{
	notes_add(taking->notes, "/%s of %s is left out: the output has another %s", path,
		taking->source->label, to);
}

/* False where something else than a directory is there. */
static bool
add_dir(const struct taking *taking, const char *path)
{
	const struct packed_entry *there = find_there(taking, path);

	if (!there) {
		add(taking, ENTRY_DIR, path);
	}
	return !there || there->type == ENTRY_DIR;
}

/* What ships may have a link there: entries_write refuses that. Among data the first one stays. */
static bool
add_parents(const struct taking *taking, const char *path)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		cleanup_free char *parent = mem_strndup(path, (size_t)(slash - path));
		if (!add_dir(taking, parent) && !entries_find(taking->entries, parent)) {
			return false;
		}
	}
	return true;
}

/* A script that some rule takes for a text is a program as soon as another says so. */
static int
meet_file(const struct taking *taking, struct packed_entry *there, struct file *file,
	const char *to, struct err *err)
{
	if (there->type != ENTRY_FILE) {
		note_taken(taking, file->path, to);
		return 0;
	}
	int same = there->file == file ? 1 : file_same(there->file, file, err);
	if (same == 0) {
		note_taken(taking, file->path, to);
	}
	if (same == 1 && taking->has_programs && !there->is_program &&
		!there->file->source->is_shipped) {
		there->is_program = true;
		there->is_seen = false;
		*taking->is_again = true;
	}
	return same < 0 ? -1 : 0;
}

static int
add_file(const struct taking *taking, const char *canonical, const char *to, struct err *err)
{
	struct file *file = source_file(taking->sources, taking->source, canonical);
	struct packed_entry *there = find_there(taking, to);

	if (!file || (file->mode & (S_ISUID | S_ISGID))) {
		notes_add(taking->notes, "/%s of %s is left out: %s", canonical,
			taking->source->label, file ? "it is set-id" : "it cannot be read");
		return 0;
	}
	if (there) {
		return meet_file(taking, there, file, to, err);
	}
	struct packed_entry *entry = add(taking, ENTRY_FILE, to);
	entry->file = file;
	entry->is_executable = file->mode & 0111;
	entry->is_program = taking->has_programs;
	return 0;
}

/* One walk: what is below `from` (canonical) comes out below `to`. */
struct walk {
	const struct taking *taking;
	const char *from, *to;
	int links; /* to directories on the way here */
};

/* Where in the output a canonical path of the source comes out; NULL where it is not of this
 * walk. */
static char *
place_of(const struct walk *walk, const char *canonical)
{
	size_t length = strlen(walk->from);

	if (strncmp(canonical, walk->from, length) != 0 ||
		(canonical[length] && canonical[length] != '/')) {
		return NULL;
	}
	return mem_printf("%s%s", walk->to, canonical + length);
}

static int walk_dir(const struct walk *walk, int fd, const char *below, int depth, struct err *err);

/* A link to a directory that does not hold the link itself. */
static bool
is_to_take(const struct walk *walk, const char *canonical)
{
	size_t length = strlen(canonical);

	return walk->taking->is_whole && walk->links < LINKS_MAX && length > 0 &&
	       (strncmp(walk->from, canonical, length) != 0 ||
		       (walk->from[length] && walk->from[length] != '/'));
}

/* A link that stays one. */
static void
add_kept(const struct walk *walk, const char *from, const char *to, const char *place)
{
	const struct taking *taking = walk->taking;
	struct arena *arena = &taking->sources->arena;
	const char *target = path_relative(arena, path_dir(arena, to), place);
	const struct packed_entry *there = find_there(taking, to);

	target = *target ? target : ".";
	if (!there) {
		add(taking, ENTRY_LINK, to)->target = target;
	} else if (there->type != ENTRY_LINK || strcmp(there->target, target) != 0) {
		note_taken(taking, from, to);
	}
}

/* A directory from elsewhere in the place of the link that leads there. */
static int
add_whole(const struct walk *walk, const char *canonical, const char *to, struct err *err)
{
	const struct walk other = {walk->taking, canonical, to, walk->links + 1};
	cleanup_fd int fd = fs_open_dir(walk->taking->source->fd, canonical, err);

	if (fd < 0) {
		return -1;
	}
	if (!add_dir(walk->taking, to)) {
		note_taken(walk->taking, canonical, to);
		return 0;
	}
	return walk_dir(&other, fd, "", 0, err);
}

static int
add_link(const struct walk *walk, const char *from, const char *to, struct err *err)
{
	const struct taking *taking = walk->taking;
	const char *canonical = source_resolve(taking->sources, taking->source, from);
	struct stat st;

	if (!canonical || fstatat(taking->source->fd, *canonical ? canonical : ".", &st,
				  AT_SYMLINK_NOFOLLOW) < 0) {
		return 0; /* it leads nowhere there, either */
	}
	cleanup_free char *place = place_of(walk, canonical);
	if (place) {
		add_kept(walk, from, to, place);
		return 0;
	}
	if (S_ISREG(st.st_mode)) {
		return add_file(taking, canonical, to, err);
	}
	if (is_to_take(walk, canonical)) {
		return add_whole(walk, canonical, to, err);
	}
	notes_add(taking->notes, "/%s of %s is left out: it leads to the directory /%s", from,
		taking->source->label, canonical);
	return 0;
}

static bool
is_left_out(const struct taking *taking, const char *name)
{
	for (const char *const *pattern = taking->except; *pattern; pattern++) {
		if (fnmatch(*pattern, name, 0) == 0) {
			return true;
		}
	}
	return false;
}

static int
walk_below(const struct walk *walk, int dir, const char *name, const char *below, const char *to,
	int depth, struct err *err)
{
	const struct taking *taking = walk->taking;

	if (depth >= DEPTH_MAX) {
		notes_add(taking->notes, "/%s%s of %s is left out: it lies %d directories deep",
			walk->from, below, taking->source->label, depth);
		return 0;
	}
	if (!add_dir(taking, to)) {
		note_taken(taking, walk->from, to);
		return 0;
	}
	cleanup_fd int fd = fs_open_dir(dir, name, err);
	return fd < 0 ? -1 : walk_dir(walk, fd, below, depth + 1, err);
}

static int
walk_name(const struct walk *walk, int dir, const char *name, const char *below, int depth,
	struct err *err)
{
	cleanup_free char *deeper = mem_printf("%s/%s", below, name);
	cleanup_free char *from = mem_printf("%s%s", walk->from, deeper);
	cleanup_free char *to = mem_printf("%s%s", walk->to, deeper);
	struct stat st;

	if (is_left_out(walk->taking, name)) {
		return 0;
	}
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		return err_set(err, errno, "stat '%s'", from);
	}
	switch (st.st_mode & S_IFMT) {
	case S_IFDIR:
		return walk_below(walk, dir, name, deeper, to, depth, err);
	case S_IFLNK:
		return add_link(walk, from, to, err);
	case S_IFREG:
		return add_file(walk->taking, from, to, err);
	default:
		notes_add(walk->taking->notes,
			"/%s of %s is left out: it is neither a file, a directory nor a symlink",
			from, walk->taking->source->label);
		return 0;
	}
}

static int
walk_dir(const struct walk *walk, int fd, const char *below, int depth, struct err *err)
{
	cleanup_free char **names = NULL;
	size_t count = 0;

	if (fs_list_dir(fd, &names, &count, err) < 0) {
		return err_wrap(err, "in '%s%s'", walk->from, below);
	}
	for (size_t i = 0; i < count; i++) {
		if (walk_name(walk, fd, names[i], below, depth, err) < 0) {
			return -1;
		}
	}
	return 0;
}

int
take(const struct taking *taking, const char *from, const char *to, struct err *err)
{
	const struct source *source = taking->source;
	const char *canonical = source_resolve(taking->sources, source, from);
	const struct walk walk = {taking, canonical, to, 0};
	struct stat st;

	if (!canonical || !*canonical ||
		fstatat(source->fd, canonical, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		return err_set(err, errno, "'/%s' of %s", from, source->label);
	}
	if (!add_parents(taking, to)) {
		note_taken(taking, from, to);
		return 0;
	}
	if (S_ISREG(st.st_mode)) {
		return add_file(taking, canonical, to, err);
	}
	if (!S_ISDIR(st.st_mode)) {
		return 0;
	}
	cleanup_fd int fd = fs_open_dir(source->fd, canonical, err);
	if (fd < 0) {
		return -1;
	}
	if (!add_dir(taking, to) && !entries_find(taking->entries, to)) {
		note_taken(taking, from, to);
		return 0;
	}
	return walk_dir(&walk, fd, "", 0, err);
}
