/* SPDX-License-Identifier: MIT */
#include "survey.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "candidates.h"
#include "describe.h"
#include "glibc.h"
#include "mention.h"
#include "paths.h"
#include "sources.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { READ_MAX = 256 << 20, PATHS_MAX = 24, OPENS_MAX = 24 };

struct files {
	struct sources *sources;
	json_t *launchers, *modules, *bundles, *problems, *names, *opens;
	json_t *packed; /* names of libraries in the bundles, as an object's keys */
	json_int_t count, bytes, programs, libraries, glibc;
};

/* The paths that one file names. */
struct named {
	json_t *host, *build;
	const char *interpreter; /* of a program: the launcher sees to that one */
	json_int_t more;
};

static bool
has_text(const json_t *array, const char *text)
{
	json_t *item;
	size_t i;

	json_array_foreach(array, i, item)
	{
		if (strcmp(json_string_value(item), text) == 0) {
			return true;
		}
	}
	return false;
}

/* Where debuggers look for symbols. */
static bool
is_debug(const char *path)
{
	return strncmp(path, "/usr/lib/debug/", 15) == 0;
}

static void
take_path(void *context, const char *path, size_t length)
{
	struct named *named = context;
	json_t *array = mention_is_of_build(path, length) ? named->build : named->host;
	char text[MENTION_MAX + 1];

	memcpy(text, path, length);
	text[length] = '\0';
	if ((named->interpreter && strcmp(named->interpreter, text) == 0) || is_debug(text) ||
		has_text(array, text)) {
		return;
	}
	if (json_array_size(array) < PATHS_MAX) {
		json_array_append_new(array, json_string(text));
	} else {
		named->more++;
	}
}

/* Linkers keep code apart from what is only read ("-z separate-code"), and then bytes of code are
 * no text. */
static bool
has_code_apart(const struct elf *elf)
{
	bool has_code = false;

	for (uint16_t i = 0; i < elf->segment_count; i++) {
		Elf64_Phdr segment = elf_segment(elf, i);
		bool is_code = segment.p_type == PT_LOAD && (segment.p_flags & PF_X);
		has_code |= is_code;
		if (has_code && segment.p_type == PT_LOAD && segment.p_flags == PF_R) {
			return true;
		}
	}
	return false;
}

static void
take_elf(const struct file *file, struct named *named)
{
	uint64_t from = 0, size = file->size < READ_MAX ? file->size : READ_MAX;
	uint16_t count = has_code_apart(&file->elf) ? file->elf.segment_count : 0;

	for (uint16_t i = 0; i < count; i++) {
		Elf64_Phdr segment = elf_segment(&file->elf, i);
		uint64_t end = segment.p_offset + segment.p_filesz;
		if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) &&
			segment.p_offset >= from && end >= segment.p_offset && end <= size) {
			mention_each(file->data + from, segment.p_offset - from, take_path, named);
			from = end;
		}
	}
	mention_each(file->data + from, size - from, take_path, named);
}

static void
put_names(struct files *files, const char *path, struct named *named)
{
	if (json_array_size(named->host) + json_array_size(named->build) > 0) {
		json_t *object = json_object();
		json_object_set(object, "host", named->host);
		json_object_set(object, "build", named->build);
		json_object_set_new(object, "more", json_integer(named->more));
		describe_put(files->names, path, object);
	}
	json_decref(named->host);
	json_decref(named->build);
}

/* The libraries in the bundles' directories, whatever pack.json says of them. */
static json_t *
packed_names(struct sources *sources, json_t *bundles)
{
	json_t *packed = json_object(), *bundle;
	const char *id;

	json_object_foreach(bundles, id, bundle)
	{
		cleanup_free char *path = mem_printf("brun-resources.d/%s/lib", id);
		cleanup_free char **names = NULL;
		size_t count = 0;
		cleanup_fd int fd = fs_open_dir(sources->items[0].fd, path, NULL);
		if (fd < 0 || fs_list_dir(fd, &names, &count, NULL) < 0) {
			continue;
		}
		for (size_t i = 0; i < count; i++) {
			describe_put(packed, names[i], json_true());
		}
	}
	return packed;
}

struct opening {
	const struct files *files;
	json_t *list;
};

static bool
take_soname(void *context, const char *name)
{
	struct opening *opening = context;
	json_t *item = json_object();

	json_object_set_new(item, "library", json_string(name));
	json_object_set_new(item, "is_there",
		json_boolean(json_object_get(opening->files->packed, name) != NULL));
	json_array_append_new(opening->list, item);
	return json_array_size(opening->list) < OPENS_MAX;
}

static void
add_opens(struct files *files, const struct file *file)
{
	struct opening opening = {files, json_array()};

	candidates_each(file, take_soname, &opening);
	if (json_array_size(opening.list) > 0) {
		describe_put(files->opens, file->path, json_incref(opening.list));
	}
	json_decref(opening.list);
}

/* The object that pack.json has for a file of a bundle, or NULL. */
static json_t *
described(const struct files *files, const char *path)
{
	const char *inside = path_resources(path);
	const char *id = inside ? strchr(path, '/') + 1 : NULL;
	cleanup_free char *name = id ? mem_strndup(id, (size_t)(inside - id)) : NULL;
	json_t *bundle = name ? json_object_get(files->bundles, name) : NULL;

	return bundle ? json_object_get(json_object_get(bundle, "files"), inside + 1) : NULL;
}

static void
count(struct files *files, const char *path, json_int_t size)
{
	const char *inside = path_resources(path);
	json_t *object = described(files, path);

	if (json_is_object(object)) {
		json_object_set_new(object, "size", json_integer(size));
	}
	files->count++;
	files->bytes += size;
	if (inside) {
		files->programs += strncmp(inside, "/exe/", 5) == 0 ? size : 0;
		files->libraries += strncmp(inside, "/lib/", 5) == 0 ? size : 0;
		files->glibc += glibc_is_own(inside + 1) ? size : 0;
	}
}

static int
read_text(const struct file *file, struct named *named, struct err *err)
{
	cleanup_fd int fd = file_open(file, err);
	size_t size = file->size < READ_MAX ? file->size : READ_MAX;
	void *data = fd < 0 || size == 0 ? NULL : mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

	if (fd < 0 || data == MAP_FAILED) {
		return fd < 0 ? -1 : err_set(err, errno, "map '%s'", file->path);
	}
	if (data) {
		mention_each(data, size, take_path, named);
		munmap(data, size);
	}
	return 0;
}

static int
add_names(struct files *files, const struct file *file, struct err *err)
{
	bool is_elf = file_class_is_elf(file->class);
	struct named named = {
		.host = json_array(),
		.build = json_array(),
		.interpreter = is_elf ? file->interpreter : NULL,
	};
	int result = 0;

	if (is_elf) {
		take_elf(file, &named);
	} else {
		result = read_text(file, &named, err);
	}
	put_names(files, file->path, &named);
	return result;
}

static void
add_launcher(struct files *files, const struct file *file)
{
	json_t *launcher = describe_launcher(file->data, file->size);

	json_object_set_new(launcher, "path", describe_text(file->path));
	describe_missing(files->sources, file, files->problems);
	json_array_append_new(files->launchers, launcher);
}

/* What a launcher names is its configuration's and told as such. */
static int
take_file(struct files *files, const char *path, const struct stat *st, struct err *err)
{
	struct file *file = source_file(files->sources, &files->sources->items[0], path);
	bool is_launcher = file && file->class == FILE_LAUNCHER;

	count(files, path, (json_int_t)st->st_size);
	if (!file) {
		describe_problem(files->problems, path, "can't be read");
		return 0;
	}
	if (is_launcher && !path_resources(path)) {
		add_launcher(files, file);
	}
	if (is_launcher || strcmp(path_name(path), "pack.json") == 0) {
		return 0;
	}
	if (file_class_is_elf(file->class)) {
		add_opens(files, file);
	}
	if (file->class == FILE_LIBRARY && !path_resources(path)) {
		json_array_append_new(files->modules, describe_text(path));
	}
	return add_names(files, file, err);
}

static int
take_dir(struct files *files, const char *path, struct err *err)
{
	cleanup_free char **names = NULL;
	size_t many = 0;
	int top = files->sources->items[0].fd;
	cleanup_fd int fd = fs_open_dir(top, *path ? path : ".", err);

	if (fd < 0 || fs_list_dir(fd, &names, &many, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < many; i++) {
		cleanup_free char *below = mem_printf("%s%s%s", path, *path ? "/" : "", names[i]);
		struct stat st;
		if (fstatat(top, below, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			return err_set(err, errno, "stat '%s'", below);
		}
		if ((S_ISDIR(st.st_mode) && take_dir(files, below, err) < 0) ||
			(S_ISREG(st.st_mode) && take_file(files, below, &st, err) < 0)) {
			return -1;
		}
	}
	return 0;
}

int
survey_files(struct sources *sources, json_t *root, struct err *err)
{
	struct files files = {
		.sources = sources,
		.launchers = json_object_get(root, "programs"),
		.bundles = json_object_get(root, "bundles"),
		.problems = json_object_get(root, "problems"),
		.modules = json_array(),
		.names = json_object(),
		.opens = json_object(),
	};
	files.packed = packed_names(sources, files.bundles);
	json_t *size = json_object();

	int result = take_dir(&files, "", err);
	json_object_set_new(size, "files", json_integer(files.count));
	json_object_set_new(size, "bytes", json_integer(files.bytes));
	json_object_set_new(size, "programs", json_integer(files.programs));
	json_object_set_new(size, "libraries", json_integer(files.libraries));
	json_object_set_new(size, "glibc", json_integer(files.glibc));
	json_object_set_new(root, "size", size);
	json_object_set_new(root, "modules", files.modules);
	json_object_set_new(root, "names", files.names);
	json_object_set_new(root, "opens", files.opens);
	json_decref(files.packed);
	return result;
}
