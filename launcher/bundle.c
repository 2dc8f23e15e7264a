/* SPDX-License-Identifier: MIT */
#include "bundle.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "notes.h"
#include "paths.h"
#include "sources.h"
#include "wrap.h"

#include <stdlib.h>
#include <string.h>

const char *
bundle_shipped(const struct closure *closure, size_t item)
{
	const struct library *library = &closure->items[item];

	/* The dynamic linker's copy is edited: it is never the visible one. */
	return library->file->source->is_shipped && library->file != closure->interpreter
		       ? library->visible
		       : NULL;
}

const struct bundle_file *
bundle_find(const struct bundle *bundle, const char *path)
{
	for (size_t i = 0; i < bundle->count; i++) {
		if (strcmp(bundle->files[i].path, path) == 0) {
			return &bundle->files[i];
		}
	}
	return NULL;
}

void
bundle_add(struct bundle *bundle, const struct bundle_file *file)
{
	if (bundle->count == bundle->capacity) {
		bundle->capacity = bundle->capacity > 0 ? 2 * bundle->capacity : 32;
		bundle->files = mem_resize(bundle->files, bundle->capacity, sizeof(*bundle->files));
	}
	bundle->files[bundle->count++] = *file;
}

/* Does the bundle mean the same by every name of the closure? 1, 0, or -1 and err. */
static int
agrees(const struct bundle *bundle, const struct closure *closure, const char **ret_name,
	struct err *err)
{
	for (size_t i = 1; i < closure->count; i++) {
		cleanup_free char *path = mem_printf("lib/%s", closure->items[i].name);
		const struct bundle_file *there = bundle_find(bundle, path);
		int same = there ? file_same(there->file, closure->items[i].file, err) : 1;
		if (same <= 0) {
			*ret_name = closure->items[i].name;
			return same;
		}
	}
	return 1;
}

static const char *
why_text(struct arena *arena, const struct closure *closure, size_t item, const char *user)
{
	const struct library *library = &closure->items[item];

	if (library->is_opened) {
		return arena_printf(arena, "opened at run time by %s", user);
	}
	return library->needer == 0 ? arena_printf(arena, "needed by %s", user)
				    : arena_printf(arena, "needed by %s for %s",
					      closure->items[library->needer].name, user);
}

/* Adds one library of a closure under its name, unless it is there. */
static void
add_library(struct bundle *bundle, struct arena *arena, const struct closure *closure, size_t item,
	const char *user)
{
	const char *path = arena_printf(arena, "lib/%s", closure->items[item].name);
	const char *shipped = bundle_shipped(closure, item);
	struct bundle_file file = {
		.path = path,
		.file = closure->items[item].file,
		/* from brun-resources.d/ID/lib to the top */
		.target = shipped ? arena_printf(arena, "../../../%s", shipped) : NULL,
	};

	if (bundle_find(bundle, path)) {
		return;
	}
	file.why = why_text(arena, closure, item, user);
	const char *full = path_name(file.file->path);
	if (closure->items[item].keeps_name && !shipped &&
		strcmp(full, closure->items[item].name) != 0) {
		struct bundle_file whole = file;
		whole.path = arena_printf(arena, "lib/%s", full);
		file.target = full;
		if (!bundle_find(bundle, whole.path)) {
			bundle_add(bundle, &whole);
		}
	}
	bundle_add(bundle, &file);
}

static void
add_interpreter(struct bundle *bundle, struct arena *arena, const struct wrap *wrap)
{
	const struct closure *closure = &wrap->closure;

	if (!closure->interpreter) {
		return;
	}
	bundle->interpreter = arena_printf(arena, "lib/%s", closure->interpreter_name);
	if (!bundle_find(bundle, bundle->interpreter)) {
		struct bundle_file file = {
			.path = bundle->interpreter,
			.file = closure->interpreter,
			.why = arena_printf(arena, "starts %s", wrap->entry->path),
		};
		bundle_add(bundle, &file);
	}
}

/* The real program, once for all who have the same one. */
static int
add_program(struct bundle *bundle, struct arena *arena, struct wrap *wrap, struct err *err)
{
	for (size_t i = 0; i < bundle->count; i++) {
		struct bundle_file *file = &bundle->files[i];
		int same = strncmp(file->path, "exe/", 4) == 0 &&
					   changes_same(&file->changes, &wrap->furnished.changes)
				   ? file_same(file->file, wrap->program, err)
				   : 0;
		if (same != 0) {
			wrap->exe = file->path;
			return same < 0 ? -1 : 0;
		}
	}
	const char *path = arena_printf(arena, "exe/%s", wrap->program_name);
	if (bundle_find(bundle, path)) {
		path = arena_printf(
			arena, "exe/in/%s/%s", wrap->program->source->label, wrap->program->path);
	}
	struct bundle_file file = {
		.path = path,
		.file = wrap->program,
		.why = arena_printf(arena, "%s", wrap->entry->path),
		.changes = wrap->furnished.changes,
	};
	bundle_add(bundle, &file);
	wrap->exe = path;
	return 0;
}

static bool
is_kin(const struct bundle *bundle, const struct wrap *wrap)
{
	const struct closure *closure = &wrap->closure;

	if (bundle->machine != wrap->program->elf.header.e_machine) {
		return false;
	}
	return !closure->interpreter || !bundle->interpreter ||
	       strcmp(bundle->interpreter + 4, closure->interpreter_name) == 0;
}

static struct bundle *
new_bundle(struct bundles *bundles, const struct wrap *wrap)
{
	struct bundle *bundle = mem_zalloc(1, sizeof(*bundle));

	bundle->machine = wrap->program->elf.header.e_machine;
	bundles->items = mem_resize(bundles->items, bundles->count + 1, sizeof(*bundles->items));
	bundles->items[bundles->count++] = bundle;
	return bundle;
}

/* The interpreter counts as a library of its own name. */
static int
agrees_all(const struct bundle *bundle, const struct wrap *wrap, struct err *err)
{
	const char *name;
	const struct bundle_file *there = wrap->closure.interpreter && bundle->interpreter
						  ? bundle_find(bundle, bundle->interpreter)
						  : NULL;
	int same = there ? file_same(there->file, wrap->closure.interpreter, err) : 1;

	return same <= 0 ? same : agrees(bundle, &wrap->closure, &name, err);
}

int
bundles_place(struct bundles *bundles, struct sources *sources, struct wrap *wrap, struct err *err)
{
	struct bundle *bundle = NULL;

	for (size_t i = 0; i < bundles->count && !bundle; i++) {
		int same = is_kin(bundles->items[i], wrap)
				   ? agrees_all(bundles->items[i], wrap, err)
				   : 0;
		if (same < 0) {
			return -1;
		}
		bundle = same ? bundles->items[i] : NULL;
	}
	bundle = bundle ? bundle : new_bundle(bundles, wrap);
	wrap->bundle = bundle;
	bundle->is_glibc |= wrap->closure.is_glibc;
	add_interpreter(bundle, &sources->arena, wrap);
	for (size_t i = 1; i < wrap->closure.count; i++) {
		add_library(bundle, &sources->arena, &wrap->closure, i, wrap->entry->path);
	}
	return wrap->is_payload ? 0 : add_program(bundle, &sources->arena, wrap, err);
}

int
bundles_add_module(struct bundles *bundles, struct sources *sources, const struct closure *closure,
	struct notes *notes, struct err *err)
{
	const struct file *root = closure->items[0].file;

	for (size_t i = 0; i < bundles->count; i++) {
		struct bundle *bundle = bundles->items[i];
		const char *name = NULL;
		if (bundle->machine != root->elf.header.e_machine || !bundle->interpreter) {
			continue;
		}
		int same = agrees(bundle, closure, &name, err);
		if (same < 0) {
			return -1;
		}
		if (!same) {
			notes_add(notes, "%s needs another %s than the programs of bundle %zu have",
				root->path, name, i + 1);
			continue;
		}
		for (size_t k = 1; k < closure->count; k++) {
			add_library(bundle, &sources->arena, closure, k, root->path);
		}
	}
	return 0;
}

void
bundles_done(struct bundles *bundles)
{
	for (size_t i = 0; i < bundles->count; i++) {
		struct bundle *bundle = bundles->items[i];
		for (size_t k = 0; k < bundle->count; k++) {
			buf_done(&bundle->files[k].contents);
		}
		free(bundle->files);
		buf_done(&bundle->json);
		free(bundle);
	}
	free(bundles->items);
	*bundles = (struct bundles){0};
}
