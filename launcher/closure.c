/* SPDX-License-Identifier: MIT */
#include "closure.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "paths.h"
#include "resolve.h"
#include "sources.h"
#include "symbols.h"
#include "versions.h"

#include <string.h>

enum { CLOSURE_MAX = 4096 };

static struct library *
find_item(const struct closure *closure, const char *name)
{
	for (size_t i = 1; i < closure->count; i++) {
		struct library *item = &closure->items[i];
		if (strcmp(item->name, name) == 0 ||
			(item->file->soname && strcmp(item->file->soname, name) == 0)) {
			return item;
		}
	}
	return NULL;
}

const struct library *
closure_get(const struct closure *closure, const char *name)
{
	return find_item(closure, name);
}

bool
closure_imports(const struct closure *closure, const char *const *names, const char *except)
{
	for (size_t i = 0; i < closure->count; i++) {
		const struct library *item = &closure->items[i];
		bool counts = strncmp(item->name, "libc.so", 7) != 0 &&
			      (!except || strncmp(item->name, except, strlen(except)) != 0);
		if (counts && symbols_imports(&item->file->elf, names)) {
			return true;
		}
	}
	return false;
}

static int
add_item(struct sources *sources, struct closure *closure, const struct library *item,
	struct err *err)
{
	if (closure->count == CLOSURE_MAX) {
		return err_fail(err, STATUS_UNPACKABLE, "'%s' needs more than %d libraries",
			closure->items[0].file->path, CLOSURE_MAX);
	}
	/* Powers of two; what an old, smaller array took stays in the arena. */
	if ((closure->count & (closure->count - 1)) == 0) {
		struct library *more = arena_alloc(&sources->arena,
			closure->count > 0 ? 2 * closure->count : 1, sizeof(*more));
		if (closure->count > 0) {
			memcpy(more, closure->items, closure->count * sizeof(*more));
		}
		closure->items = more;
	}
	closure->items[closure->count++] = *item;
	return 0;
}

/* musl's loader is its own libc, and takes all these names for itself (ldso/dynlink.c). */
static bool
is_musl_itself(const struct closure *closure, const char *name)
{
	static const char *const reserved[] = {
		"c.", "pthread.", "rt.", "m.", "dl.", "util.", "xnet."};

	if (!closure->interpreter) { /* a library says by this name whose it is */
		return strcmp(name, "libc.so") == 0 || strncmp(name, "libc.musl-", 10) == 0;
	}
	if (closure->is_glibc || strncmp(name, "lib", 3) != 0) {
		return false;
	}
	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++) {
		if (strncmp(name + 3, reserved[i], strlen(reserved[i])) == 0) {
			return true;
		}
	}
	return false;
}

static bool
is_interpreter(const struct closure *closure, const char *name)
{
	const struct file *file = closure->interpreter;

	return file && (strcmp(name, closure->interpreter_name) == 0 ||
			       (file->soname && strcmp(name, file->soname) == 0));
}

static int
say_missing(const struct closure *closure, size_t needer, const char *name,
	const struct buf *looked, struct err *err)
{
	const struct file *root = closure->items[0].file, *file = closure->items[needer].file;

	err_fail(err, STATUS_UNPACKABLE,
		"'%s' of %s needs the library '%s', which nothing provides", root->path,
		root->source->label, name);
	if (needer != 0) {
		err_hint(err, "It is '%s' of %s that names it.", file->path, file->source->label);
	}
	err_hint(err, "Looked in: %s", looked->length > 0 ? buf_text(looked) : "(nowhere)");
	return err_hint(err,
		"Add the package that has it to the dependencies, or ship the library with the "
		"program.");
}

/* The loader compares the names that are needed with sonames, too (_dl_map_object). */
static void
note_name(const struct closure *closure, size_t needer, struct library *item)
{
	const char *soname = item->file->soname;

	item->is_named |= needer != 0 && !closure->items[needer].is_opened && soname &&
			  strcmp(soname, item->name) == 0;
}

/* Adds what one DT_NEEDED of item `needer` asks for, unless it is there. */
static int
add_needed(struct sources *sources, struct closure *closure, size_t needer, const char *name,
	struct err *err)
{
	cleanup_buf struct buf looked = {0};
	struct library item, *known;
	const char *base = path_name(name);

	if ((known = find_item(closure, base)) != NULL || is_musl_itself(closure, base)) {
		if (known && strcmp(known->name, base) == 0) {
			note_name(closure, needer, known);
		}
		return 0;
	}
	if (is_interpreter(closure, base)) {
		item = (struct library){
			.name = closure->interpreter_name,
			.file = closure->interpreter,
			.visible = closure->interpreter->path,
			.needer = needer,
		};
	} else if (!resolve_library(sources, closure, needer, name, &item, &looked)) {
		return say_missing(closure, needer, name, &looked, err);
	}
	/* The loader knows a file by its inode: one that is there under another name is not loaded
	 * again, but this name must lead to it, too. */
	item.is_opened = closure->items[needer].is_opened;
	note_name(closure, needer, &item);
	return add_item(sources, closure, &item, err);
}

static int
add_all_needed(struct sources *sources, struct closure *closure, size_t from, struct err *err)
{
	for (size_t i = from; i < closure->count; i++) {
		struct elf elf = closure->items[i].file->elf;
		unsigned named = 0;
		for (uint64_t k = 0; k < elf.dynamic_count; k++) {
			Elf64_Dyn entry = elf_dynamic(&elf, k);
			if (entry.d_tag != DT_NEEDED) {
				continue;
			}
			const char *name =
				++named < CLOSURE_MAX ? elf_name(&elf, entry.d_un.d_val) : NULL;
			if (!name) {
				return err_fail(err, STATUS_UNPACKABLE,
					"'%s' of %s is damaged: its list of needed libraries "
					"cannot be read",
					closure->items[i].file->path,
					closure->items[i].file->source->label);
			}
			if (add_needed(sources, closure, i, name, err) < 0) {
				return -1;
			}
		}
	}
	return 0;
}

/* The dynamic linker of a program inside the resources of a packed tree. */
static struct file *
find_beside(struct sources *sources, const struct file *root, const char *name)
{
	const char *rest = path_resources(root->path);

	if (!rest) {
		return NULL;
	}
	cleanup_free char *path =
		mem_printf("%.*s/lib/%s", (int)(rest - root->path), root->path, name);
	return source_lookup(sources, root->source, path);
}

static int
find_interpreter(struct sources *sources, struct closure *closure, struct err *err)
{
	struct file *root = closure->items[0].file;
	const char *path = root->interpreter;
	const char *name;

	if (root->class != FILE_DYNAMIC_PROGRAM) {
		return 0;
	}
	name = path_name(path);
	struct file *file = find_beside(sources, root, name);
	if (!file) {
		file = path[0] == '/' ? sources_find(sources, path, NULL) : NULL;
	}
	if (!file || !file_class_is_elf(file->class) ||
		file->elf.header.e_machine != root->elf.header.e_machine) {
		err_fail(err, STATUS_UNPACKABLE,
			"'%s' of %s needs the dynamic linker '%.200s', which nothing provides",
			root->path, root->source->label, path);
		err_hint(err, "Looked in:");
		for (size_t i = 0; i < sources->count; i++) {
			const struct source *source = &sources->items[i];
			err_hint(err, "  %s, which stands for '%s'", source->label,
				*source->prefix ? source->prefix : "/");
		}
		return err_hint(err, "It comes with the C library of the base.");
	}
	closure->interpreter = file;
	closure->interpreter_name = arena_strdup(&sources->arena, name);
	closure->is_glibc = strncmp(name, "ld-linux", 8) == 0;
	return 0;
}

/* One object's needs against a closure. */
struct check {
	const struct closure *closure;
	const struct file *file;
	struct err *err;
};

static bool
check_version(void *context, const char *library, const char *version, bool is_weak)
{
	struct check *check = context;
	const struct library *item = closure_get(check->closure, library);
	uint64_t ignored;

	/* glibc only warns where the library has no versions at all; an item that is not there is
	 * one that the loader provides itself (the interpreter of a library's closure). */
	if (is_weak || !item || !elf_dynamic_value(&item->file->elf, DT_VERDEF, &ignored) ||
		versions_defines(&item->file->elf, version)) {
		return true;
	}
	const struct file *root = check->closure->items[0].file;
	err_fail(check->err, STATUS_UNPACKABLE,
		"'%s' of %s needs version '%s' of the library '%s'; '%s' of %s does not define it",
		root->path, root->source->label, version, library, item->file->path,
		item->file->source->label);
	if (check->file != root) {
		err_hint(check->err, "It is '%s' of %s that needs it.", check->file->path,
			check->file->source->label);
	}
	err_hint(check->err, "Build the program against the library that is shipped with it.");
	return false;
}

/* Does each library define the versions that the items from `from` on need of it? */
static int
check_versions(const struct closure *closure, size_t from, struct err *err)
{
	for (size_t i = from; i < closure->count; i++) {
		struct check check = {closure, closure->items[i].file, err};
		if (!versions_needed(&check.file->elf, check_version, &check)) {
			return -1;
		}
	}
	return 0;
}

int
closure_find(
	struct sources *sources, struct file *root, struct closure *ret_closure, struct err *err)
{
	struct closure closure = {0};
	struct library first = {.name = path_name(root->path), .file = root, .visible = root->path};

	if (add_item(sources, &closure, &first, err) < 0 ||
		find_interpreter(sources, &closure, err) < 0 ||
		add_all_needed(sources, &closure, 0, err) < 0 ||
		check_versions(&closure, 0, err) < 0) {
		return -1;
	}
	closure.started = closure.count;
	*ret_closure = closure;
	return 0;
}

int
closure_open(struct sources *sources, struct closure *closure, const char *name, bool *ret_is_found,
	struct err *err)
{
	struct library item;
	struct closure longer = *closure;
	size_t from = closure->count;

	*ret_is_found = true;
	if (closure_get(closure, name) || is_interpreter(closure, name) ||
		is_musl_itself(closure, name)) {
		return 0;
	}
	if (!resolve_library(sources, closure, 0, name, &item, NULL)) {
		*ret_is_found = false;
		return 0;
	}
	item.is_opened = true;
	/* Where it cannot be had whole, the closure stays as it was. */
	if (add_item(sources, &longer, &item, err) < 0 ||
		add_all_needed(sources, &longer, from, err) < 0 ||
		check_versions(&longer, from, err) < 0) {
		return -1;
	}
	*closure = longer;
	return 0;
}
