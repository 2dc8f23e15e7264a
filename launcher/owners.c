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

enum { LIST_LIMIT = 64 << 20 };

/* The files of one source, by path. */
struct wanted {
	const struct source *source;
	struct file **files;
	size_t count, capacity;
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

/* A list has one absolute path a line, directories among them; "/." is the first. */
static void
read_list(struct wanted *wanted, char *text, const char *package)
{
	for (char *line = text, *end; *line; line = end) {
		end = line + strcspn(line, "\n");
		bool is_last = *end == '\0';
		*end = '\0';
		const char *path = merged(line + strspn(line, "/"));
		struct file **found = bsearch(
			path, wanted->files, wanted->count, sizeof(struct file *), compare_path);
		if (found) {
			(*found)->package = package;
		}
		end += !is_last;
	}
}

/* "libc6" of "libc6:amd64.list"; NULL for files that are no lists. */
static const char *
package_of(struct arena *arena, const char *name)
{
	const char *end = strrchr(name, '.');

	return end && strcmp(end, ".list") == 0
		       ? arena_strndup(arena, name,
				 strcspn(name, ":") < (size_t)(end - name) ? strcspn(name, ":")
									   : (size_t)(end - name))
		       : NULL;
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
		const char *package = package_of(arena, names[i]);
		if (package && fs_read_at(fd, names[i], LIST_LIMIT, &text, NULL) == 0 &&
			text.length > 0) {
			read_list(wanted, text.data, package);
		}
	}
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
		if (fd < 0) {
			continue;
		}
		twalk_r(sources->files, collect, &wanted);
		if (wanted.count > 0) {
			qsort(wanted.files, wanted.count, sizeof(struct file *), compare_files);
			read_lists(&sources->arena, &wanted, fd);
		}
		free(wanted.files);
	}
}
