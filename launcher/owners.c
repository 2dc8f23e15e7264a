/* SPDX-License-Identifier: MIT */
#include "owners.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "sources.h"

#include <fcntl.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECORD_LIMIT = 64 << 20 };

/* The files of one source, by path, and whose they are. */
struct wanted {
	const struct source *source;
	struct file **files;
	size_t count, capacity;
	struct listed *owners;
	size_t owner_count, owner_capacity;
};

/* An owner of files, by what its list is called: "bash", and "libc6:amd64" of those packages that
 * can be there for several architectures at once. */
struct listed {
	const char *list;
	struct owner *owner;
};

/* A file of /lib lies in /usr/lib where the two are one, whatever its package calls it. */
static const char *
merged(const char *path)
{
	return strncmp(path, "usr/", 4) == 0 ? path + 4 : path;
}

static void
collect(const void *node, VISIT visit, void *context)
{
	struct file *file = *(struct file *const *)node;
	struct wanted *wanted = context;

	if ((visit != postorder && visit != leaf) || file->source != wanted->source) {
		return;
	}
	if (wanted->count == wanted->capacity) {
		wanted->capacity = wanted->capacity ? 2 * wanted->capacity : 64;
		wanted->files = mem_resize(wanted->files, wanted->capacity, sizeof(struct file *));
	}
	wanted->files[wanted->count++] = file;
}

static int
compare_files(const void *a, const void *b)
{
	const struct file *one = *(struct file *const *)a, *two = *(struct file *const *)b;

	return strcmp(merged(one->path), merged(two->path));
}

static int
compare_path(const void *path, const void *item)
{
	return strcmp(path, merged((*(struct file *const *)item)->path));
}

static int
compare_listed(const void *a, const void *b)
{
	return strcmp(((const struct listed *)a)->list, ((const struct listed *)b)->list);
}

/* Ends the line at *at and steps behind it; NULL behind the last. */
static char *
next_line(char **at)
{
	char *line = *at;

	if (*line == '\0') {
		return NULL;
	}
	char *end = line + strcspn(line, "\n");
	*at = end + (*end != '\0');
	*end = '\0';
	return line;
}

/* A list has one absolute path a line, directories among them; "/." is the first. Was a file of it
 * wanted? */
static bool
read_list(struct wanted *wanted, char *text, const struct owner *owner)
{
	bool is_owner = false;

	for (char *line; (line = next_line(&text));) {
		const char *path = merged(line + strspn(line, "/"));
		struct file **found = bsearch(
			path, wanted->files, wanted->count, sizeof(struct file *), compare_path);
		if (found) {
			(*found)->owner = owner;
			is_owner = true;
		}
	}
	return is_owner;
}

static void
add_owner(struct wanted *wanted, const char *list, struct owner *owner)
{
	if (wanted->owner_count == wanted->owner_capacity) {
		wanted->owner_capacity = wanted->owner_capacity ? 2 * wanted->owner_capacity : 16;
		wanted->owners =
			mem_resize(wanted->owners, wanted->owner_capacity, sizeof(struct listed));
	}
	wanted->owners[wanted->owner_count++] = (struct listed){list, owner};
}

static void
read_lists(struct arena *arena, struct wanted *wanted, int fd)
{
	cleanup_free char **names = NULL;
	size_t count = 0;

	if (fs_list_dir(fd, &names, &count, NULL) < 0) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		cleanup_buf struct buf text = {0};
		char *end = strrchr(names[i], '.');
		if (!end || strcmp(end, ".list") != 0 ||
			fs_read_at(fd, names[i], RECORD_LIMIT, &text, NULL) < 0 ||
			text.length == 0) {
			continue;
		}
		*end = '\0';
		struct owner *owner = arena_alloc(arena, 1, sizeof(*owner));
		owner->name = arena_strndup(arena, names[i], strcspn(names[i], ":"));
		if (read_list(wanted, text.data, owner)) {
			add_owner(wanted, arena_strdup(arena, names[i]), owner);
		}
	}
	if (wanted->owner_count > 0) {
		qsort(wanted->owners, wanted->owner_count, sizeof(struct listed), compare_listed);
	}
}

/* What is read of a stanza; NULL where it has no such field. */
struct stanza {
	const char *package, *status, *architecture, *version;
};

static void
read_field(struct stanza *stanza, const char *line)
{
	const struct {
		const char *name;
		const char **value;
	} fields[] = {{"Package:", &stanza->package}, {"Status:", &stanza->status},
		{"Architecture:", &stanza->architecture}, {"Version:", &stanza->version}};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		size_t length = strlen(fields[i].name);
		if (strncmp(line, fields[i].name, length) == 0) {
			line += length;
			*fields[i].value = line + strspn(line, " \t");
			return;
		}
	}
}

static const struct listed *
find_listed(const struct wanted *wanted, const char *list)
{
	return bsearch(&(const struct listed){list, NULL}, wanted->owners, wanted->owner_count,
		sizeof(struct listed), compare_listed);
}

/* A package that was removed leaves a stanza for its configuration files (dpkg(1), "config-files"),
 * which says nothing of what is there. */
static void
use_stanza(struct arena *arena, const struct wanted *wanted, const struct stanza *stanza)
{
	if (!stanza->package || !stanza->version || !stanza->status ||
		strstr(stanza->status, " config-files")) {
		return;
	}
	cleanup_free char *precise = mem_printf(
		"%s:%s", stanza->package, stanza->architecture ? stanza->architecture : "");
	const struct listed *found = find_listed(wanted, precise);
	found = found ? found : find_listed(wanted, stanza->package);
	if (found) {
		found->owner->version = arena_strdup(arena, stanza->version);
	}
}

static void
read_status(struct sources *sources, const struct wanted *wanted)
{
	cleanup_buf struct buf text = {0};
	const char *path = source_resolve(sources, wanted->source, "var/lib/dpkg/status");
	struct stanza stanza = {0};

	if (!path || fs_read_at(wanted->source->fd, path, RECORD_LIMIT, &text, NULL) < 0 ||
		text.length == 0) {
		return;
	}
	for (char *at = text.data, *line; (line = next_line(&at));) {
		if (*line) {
			read_field(&stanza, line);
			continue;
		}
		use_stanza(&sources->arena, wanted, &stanza);
		stanza = (struct stanza){0};
	}
	use_stanza(&sources->arena, wanted, &stanza);
}

static void
read_records(struct sources *sources, struct wanted *wanted, int fd)
{
	twalk_r(sources->files, collect, wanted);
	if (wanted->count > 0) {
		qsort(wanted->files, wanted->count, sizeof(struct file *), compare_files);
		read_lists(&sources->arena, wanted, fd);
	}
	if (wanted->owner_count > 0) {
		read_status(sources, wanted);
	}
	free(wanted->files);
	free(wanted->owners);
}

void
owners_find(struct sources *sources)
{
	for (size_t i = 0; i < sources->count; i++) {
		struct wanted wanted = {.source = &sources->items[i]};
		const char *path = source_resolve(sources, wanted.source, "var/lib/dpkg/info");
		cleanup_fd int fd = path ? openat(wanted.source->fd, path,
						   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
					 : -1;
		if (fd >= 0) {
			read_records(sources, &wanted, fd);
		}
	}
}

struct below {
	const struct source *source;
	const char *path;
	owners_visit *visit;
	void *context;
};

static void
visit_below(const void *node, VISIT visit, void *context)
{
	const struct file *file = *(struct file *const *)node;
	const struct below *below = context;
	size_t length = strlen(below->path);

	if ((visit == postorder || visit == leaf) && file->source == below->source && file->owner &&
		strncmp(file->path, below->path, length) == 0 &&
		(file->path[length] == '\0' || file->path[length] == '/')) {
		below->visit(below->context, file->owner);
	}
}

void
owners_below(const struct sources *sources, const struct source *source, const char *path,
	owners_visit *visit, void *context)
{
	twalk_r(sources->files, visit_below, &(struct below){source, path, visit, context});
}
