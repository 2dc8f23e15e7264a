/* SPDX-License-Identifier: MIT */
#include "script_place.h"

#include "base/arena.h"
#include "entries.h"
#include "paths.h"
#include "sources.h"
#include "wrap.h"

#include <stdbool.h>
#include <string.h>

enum { SIBLINGS_MAX = 64 };

static bool
lies_in(const char *path, const char *dir)
{
	size_t length = strlen(dir);

	return strncmp(path, dir, length) == 0 && path[length] == '/' &&
	       !strchr(path + length + 1, '/');
}

static bool
has_many(const struct entries *entries, const char *dir)
{
	size_t count = 0;

	for (size_t i = 0; i < entries->count && count <= SIBLINGS_MAX; i++) {
		count += lies_in(entries->items[i]->path, dir);
	}
	return count > SIBLINGS_MAX;
}

const char *
script_place(struct sources *sources, const struct entries *entries, struct packed_entry *script)
{
	struct arena *arena = &sources->arena;
	const char *dir = path_dir(arena, script->path), *name = path_name(script->path);
	const char *above = path_dir(arena, dir), *suffixes[] = {"", ".script", ".brun-script"};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes) && !script->text; i++) {
		const char *own = arena_printf(arena, "%s%s.%s.%s%s", above, *above ? "/" : "",
			path_name(dir), name, suffixes[i]);
		if (!entries_find(entries, own) && !has_many(entries, dir)) {
			script->text = arena_printf(arena, "%s/%s", own, name);
		}
	}
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes) && !script->text; i++) {
		const char *hidden = arena_printf(arena, "%s/.%s%s", dir, name, suffixes[i]);
		script->text = entries_find(entries, hidden) ? NULL : hidden;
	}
	return script->text;
}

void
script_move(struct sources *sources, const struct entries *entries, struct packed_entry *script,
	struct entries *more)
{
	struct arena *arena = &sources->arena;
	const char *dir = path_dir(arena, script->path), *own = path_dir(arena, script->text);
	struct packed_entry *text = entries_add(sources, more, ENTRY_FILE, script->text);

	text->file = script->file;
	/* Among programs it must not be taken for one of them. */
	if (strcmp(own, dir) == 0) {
		return;
	}
	/* A script that starts itself by its own name does so by the host's interpreter. */
	text->is_executable = true;
	entries_add(sources, more, ENTRY_DIR, own);
	for (size_t i = 0; i < entries->count; i++) {
		const char *path = entries->items[i]->path;
		if (lies_in(path, dir) && strcmp(path, script->path) != 0) {
			const char *to = arena_printf(arena, "%s/%s", own, path_name(path));
			entries_add(sources, more, ENTRY_LINK, to)->target =
				path_relative(arena, own, path);
		}
	}
}

void
script_add_runner(struct sources *sources, struct wrap *wrap, struct entries *more)
{
	struct arena *arena = &sources->arena;
	const char *top = arena_printf(arena, "%s.brun", wrap->script);
	const char *launcher = wrap->argv0;

	entries_add(sources, more, ENTRY_DIR, top);
	if (!*launcher) {
		const char *folder = arena_printf(arena, "%s/exe", top);
		launcher = arena_printf(arena, "%s/%s", folder, wrap->program_name);
		entries_add(sources, more, ENTRY_DIR, folder);
		wrap->inner = entries_add(sources, more, ENTRY_FILE, launcher);
		wrap->inner->file = wrap->program;
		wrap->inner->is_executable = true;
		/* that is what it can start itself by */
		wrap->argv0 = launcher;
	}
	wrap->runs = arena_printf(arena, "%s/%s", top, path_name(wrap->entry->path));
	entries_add(sources, more, ENTRY_LINK, wrap->runs)->target =
		path_relative(arena, top, launcher);
}
