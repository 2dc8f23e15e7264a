/* SPDX-License-Identifier: MIT */
#include "sources.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "changes.h"
#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LINKS_MAX = 40 /* as the kernel: path_resolution(7) */ };

void
sources_init(struct sources *sources, size_t count)
{
	*sources = (struct sources){0};
	sources->items = mem_zalloc(count, sizeof(*sources->items));
}

struct source *
sources_add(struct sources *sources, const struct pack_source *from, bool is_shipped)
{
	struct source *source = &sources->items[sources->count++];
	size_t length = strlen(from->prefix);

	while (length > 0 && from->prefix[length - 1] == '/') {
		length--;
	}
	*source = (struct source){
		.fd = from->fd,
		.prefix = arena_strndup(&sources->arena, from->prefix, length),
		.label = from->label,
		.is_shipped = is_shipped,
	};
	return source;
}

static void
file_free(void *node)
{
	struct file *file = node;

	if (file->data) {
		munmap((void *)(uintptr_t)file->data, file->size);
	}
}

void
sources_done(struct sources *sources)
{
	tdestroy(sources->files, file_free);
	free(sources->items);
	arena_done(&sources->arena);
	*sources = (struct sources){0};
}

const char *
source_strip(const struct source *source, const char *absolute)
{
	size_t length = strlen(source->prefix);

	if (strncmp(absolute, source->prefix, length) != 0 ||
		(absolute[length] != '/' && absolute[length] != '\0')) {
		return NULL;
	}
	absolute += length;
	return absolute + strspn(absolute, "/");
}

/* Where the walk over a path stands: what is canonical so far, and what is to come. */
struct walk {
	char done[PATH_MAX], rest[PATH_MAX];
	unsigned links;
};

/* Puts a link's target in front of the rest. */
static bool
walk_link(struct walk *walk, const struct source *source, const char *target)
{
	char rest[PATH_MAX];

	if (target[0] == '/') {
		target = source_strip(source, target);
		walk->done[0] = '\0';
	}
	if (!target || ++walk->links > LINKS_MAX ||
		(size_t)snprintf(rest, sizeof(rest), "%s/%s", target, walk->rest) >= sizeof(rest)) {
		return false;
	}
	memcpy(walk->rest, rest, sizeof(rest));
	return true;
}

/* Takes the next component off the rest; "" at the end. */
static bool
walk_next(struct walk *walk, char component[NAME_MAX + 1])
{
	const char *from = walk->rest + strspn(walk->rest, "/");
	size_t length = strcspn(from, "/");

	if (length > NAME_MAX) {
		return false;
	}
	memcpy(component, from, length);
	component[length] = '\0';
	memmove(walk->rest, from + length, strlen(from + length) + 1);
	return true;
}

/* A ".." above the top stays there, as it does in a root directory. */
static void
walk_up(struct walk *walk)
{
	char *slash = strrchr(walk->done, '/');

	*(slash ? slash : walk->done) = '\0';
}

static bool
walk_step(struct walk *walk, const struct source *source, const char *component)
{
	size_t length = strlen(walk->done);
	char target[PATH_MAX];

	if (strcmp(component, "..") == 0) {
		walk_up(walk);
		return true;
	}
	if ((size_t)snprintf(walk->done + length, sizeof(walk->done) - length, "%s%s",
		    length > 0 ? "/" : "", component) >= sizeof(walk->done) - length) {
		return false;
	}
	ssize_t got = readlinkat(source->fd, walk->done, target, sizeof(target) - 1);
	if (got < 0) {
		return errno == EINVAL;
	}
	target[got] = '\0';
	walk->done[length] = '\0';
	return walk_link(walk, source, target);
}

const char *
source_resolve(struct sources *sources, const struct source *source, const char *path)
{
	struct walk walk;
	char component[NAME_MAX + 1];

	if (path[0] == '/') {
		path = source_strip(source, path);
	}
	if (!path || strlen(path) >= sizeof(walk.rest)) {
		return NULL;
	}
	walk.done[0] = '\0';
	walk.links = 0;
	memcpy(walk.rest, path, strlen(path) + 1);
	for (;;) {
		if (!walk_next(&walk, component)) {
			return NULL;
		}
		if (component[0] == '\0') {
			return arena_strdup(&sources->arena, walk.done);
		}
		if (strcmp(component, ".") != 0 && !walk_step(&walk, source, component)) {
			return NULL;
		}
	}
}

/* openat2(2) is missing before Linux 5.6, and older container filters answer EPERM. */
static bool
open_at_once(const struct file *file, int *ret_fd)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
	};

	*ret_fd = (int)syscall(SYS_openat2, file->source->fd, file->path, &how, sizeof(how));
	return *ret_fd >= 0 || (errno != ENOSYS && errno != EPERM && errno != EAGAIN);
}

static int
open_by_components(const struct file *file)
{
	const char *at = file->path;
	cleanup_fd int dir = -1;

	for (const char *slash = strchr(at, '/'); slash; slash = strchr(at, '/')) {
		cleanup_free char *component = mem_strndup(at, (size_t)(slash - at));
		int next = openat(dir < 0 ? file->source->fd : dir, component,
			O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		fs_close_slot(&dir);
		dir = next;
		if (dir < 0) {
			return -1;
		}
		at = slash + 1;
	}
	return openat(dir < 0 ? file->source->fd : dir, at,
		O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
}

int
file_open(const struct file *file, struct err *err)
{
	int fd;

	/* O_NONBLOCK: a FIFO in the place of the file must not hang us. */
	if (!open_at_once(file, &fd)) {
		fd = open_by_components(file);
	}
	return fd >= 0 ? fd
		       : err_set(err, errno, "open '%s' of %s", file->path, file->source->label);
}

static int
file_compare(const void *a, const void *b)
{
	const struct file *one = a, *two = b;

	if (one->source != two->source) {
		return one->source < two->source ? -1 : 1;
	}
	return strcmp(one->path, two->path);
}

/* What the dynamic section says about names, read once. */
static void
file_read_names(struct file *file)
{
	file->soname = elf_dynamic_text(&file->elf, DT_SONAME);
	file->rpath = elf_dynamic_text(&file->elf, DT_RPATH);
	file->runpath = elf_dynamic_text(&file->elf, DT_RUNPATH);
	file->interpreter = elf_interpreter(&file->elf);
}

/* Maps ELF files; what other files hold is not looked at beyond their first bytes. */
static bool
file_load(struct file *file, int fd)
{
	char start[SELFMAG] = "";
	ssize_t got = pread(fd, start, sizeof(start), 0);

	if (got < (ssize_t)sizeof(start) || memcmp(start, ELFMAG, SELFMAG) != 0) {
		file->class = got >= 2 && memcmp(start, "#!", 2) == 0 ? FILE_SCRIPT : FILE_OTHER;
		return got >= 0;
	}
	void *data = mmap(NULL, file->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED) {
		return false;
	}
	file->data = data;
	file->class = file_classify(data, file->size, &file->elf, &file->why);
	if (file_class_is_elf(file->class)) {
		file_read_names(file);
	}
	return true;
}

struct file *
source_file(struct sources *sources, const struct source *source, const char *canonical)
{
	struct file key = {.source = source, .path = canonical};
	struct file **found = tfind(&key, &sources->files, file_compare);
	struct stat st;

	if (found) {
		return *found;
	}
	cleanup_fd int fd = file_open(&key, NULL);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		return NULL;
	}
	struct file *file = arena_alloc(&sources->arena, 1, sizeof(*file));
	file->source = source;
	file->path = arena_strdup(&sources->arena, canonical);
	file->device = st.st_dev;
	file->inode = st.st_ino;
	file->mode = st.st_mode;
	file->links = st.st_nlink;
	file->size = (uint64_t)st.st_size;
	if (!file_load(file, fd) || !tsearch(file, &sources->files, file_compare)) {
		file_free(file);
		return NULL;
	}
	return file;
}

struct file *
source_lookup(struct sources *sources, const struct source *source, const char *path)
{
	const char *canonical = source_resolve(sources, source, path);

	return canonical ? source_file(sources, source, canonical) : NULL;
}

struct file *
sources_find(struct sources *sources, const char *absolute, const char **ret_visible)
{
	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->items[i];
		const char *path = source_strip(source, absolute);
		struct file *file = path ? source_lookup(sources, source, path) : NULL;
		if (file) {
			if (ret_visible) {
				*ret_visible = arena_strdup(&sources->arena, path);
			}
			return file;
		}
	}
	return NULL;
}

int
file_digest(struct file *file, struct err *err)
{
	if (file->has_digest) {
		return 0;
	}
	if (file->data) {
		file->digest = sha256_of(file->data, file->size);
	} else {
		cleanup_fd int fd = file_open(file, err);
		if (fd < 0 || sha256_fd(fd, &file->digest, err) < 0) {
			return err_wrap(err, "reading '%s'", file->path);
		}
	}
	file->has_digest = true;
	return 0;
}

int
file_same(struct file *a, struct file *b, struct err *err)
{
	if (a == b || a->size != b->size) {
		return a == b;
	}
	if (file_digest(a, err) < 0 || file_digest(b, err) < 0) {
		return -1;
	}
	return digest_equal(&a->digest, &b->digest);
}

int
file_copy(const struct file *file, const struct changes *changes, int to_fd, const char *path,
	mode_t mode, struct err *err)
{
	cleanup_fd int from = file_open(file, err);

	if (from < 0) {
		return -1;
	}
	cleanup_fd int to =
		openat(to_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0) {
		return err_set(err, errno, "create '%s'", path);
	}
	if (fs_copy_fd(from, to, err) < 0 || changes_write(changes, to, err) < 0) {
		return err_wrap(err, "writing '%s'", path);
	}
	/* As in a store: what was compiled (Guile's modules) must not look older than its
	 * source. */
	static const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	return fchmod(to, mode) < 0 || futimens(to, times) < 0
		       ? err_set(err, errno, "chmod '%s'", path)
		       : 0;
}
