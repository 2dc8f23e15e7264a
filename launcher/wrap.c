/* SPDX-License-Identifier: MIT */
#include "wrap.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "candidates.h"
#include "entries.h"
#include "known.h"
#include "notes.h"
#include "pack.h"
#include "paths.h"
#include "rewrite.h"
#include "script.h"
#include "script_place.h"
#include "sources.h"
#include "trigger.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OVERLAY_MIN = 16, SHEBANG_READ = 4096 /* script.c takes less */ };

/* What all steps of the search share. */
struct wrapping {
	struct sources *sources;
	const struct pack_spec *spec;
	struct entries *entries;
	struct notes *notes;
	struct furnishing furnishing;
	struct wraps wraps;
};

static void
add_wrap(struct wrapping *wrapping, const struct wrap *wrap)
{
	struct wraps *wraps = &wrapping->wraps;

	if (wraps->count == wraps->capacity) {
		wraps->capacity = wraps->capacity > 0 ? 2 * wraps->capacity : 16;
		wraps->items = mem_resize(wraps->items, wraps->capacity, sizeof(*wraps->items));
	}
	wraps->items[wraps->count++] = *wrap;
}

/* Self-extracting programs look for their data at the end of their own file. */
static bool
has_overlay(const struct file *file)
{
	uint64_t end = elf_end(&file->elf);

	if (file->size - end < OVERLAY_MIN) {
		return false;
	}
	for (uint64_t i = end; i < file->size; i++) {
		if (file->data[i] != 0) {
			return true;
		}
	}
	return false;
}

/* The closure with what is opened at run time. */
static int
complete_closure(struct wrapping *wrapping, struct wrap *wrap, struct err *err)
{
	struct sources *sources = wrapping->sources;

	if (closure_find(sources, wrap->program, &wrap->closure, err) < 0) {
		return -1;
	}
	if (furnish_libraries(&wrapping->furnishing, wrap, err) < 0) {
		return -1;
	}
	known_open(sources, &wrap->closure, wrapping->notes);
	wrap->use = glibc_uses(&wrap->closure);
	return known_open_named(sources, &wrap->closure, wrapping->spec->libs, err) < 0 ||
			       furnish(&wrapping->furnishing, wrap, &wrap->furnished, err) < 0
		       ? -1
		       : 0;
}

static int
wrap_program(struct wrapping *wrapping, struct packed_entry *entry, struct err *err)
{
	struct wrap wrap = {
		.entry = entry,
		.kind = CONFIG_DYNAMIC,
		.program = entry->file,
		.program_name = path_name(entry->path),
		.is_payload = has_overlay(entry->file),
		.runpath = rewrite_runpath(entry->file, &wrapping->sources->arena),
	};

	if (complete_closure(wrapping, &wrap, err) < 0) {
		return -1;
	}
	candidates_note(wrapping->sources, &wrap.closure, wrapping->notes);
	if (wrap.is_payload) {
		notes_add(wrapping->notes,
			"%s has data behind its last segment: it lies whole inside its launcher",
			entry->path);
	}
	add_wrap(wrapping, &wrap);
	return 0;
}

static void
wrap_static(struct wrapping *wrapping, struct packed_entry *entry)
{
	struct wrap wrap = {
		.entry = entry,
		.kind = CONFIG_STATIC,
		.program = entry->file,
		.program_name = path_name(entry->path),
		.is_payload = has_overlay(entry->file),
		.runpath = "",
	};

	static const char archive[] = "/locale/locale-archive";
	if (memmem(entry->file->data, entry->file->size, archive, sizeof(archive))) {
		notes_add(wrapping->notes,
			"%s is static with glibc in it: in a locale other than C it reads what the host "
			"has in its /usr/lib/locale and gconv directories",
			entry->path);
	}
	if (wrapping->spec->env_count > 0) {
		wrap.closure.items =
			arena_alloc(&wrapping->sources->arena, 1, sizeof(*wrap.closure.items));
		wrap.closure.items[0] = (struct library){.name = path_name(entry->file->path),
			.file = entry->file,
			.visible = entry->path};
		wrap.closure.count = wrap.closure.started = 1;
		add_wrap(wrapping, &wrap);
	}
}

/* Scripts are programs where programs are kept. Elsewhere an executable text may be a module that
 * is imported, a template that is copied, an example: it must stay what it is. */
static bool
is_program_place(const char *path)
{
	static const char *const places[] = {"bin/", "sbin/", "libexec/", "usr/bin/", "usr/sbin/",
		"usr/libexec/", "usr/local/bin/", "usr/games/"};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (strncmp(path, places[i], strlen(places[i])) == 0) {
			return !strstr(path, "/."); /* script_place.h */
		}
	}
	return false;
}

static const char *
read_script(struct wrapping *wrapping, const struct packed_entry *entry, struct script *ret_script)
{
	cleanup_free char *text = mem_alloc(SHEBANG_READ);
	cleanup_fd int fd = file_open(entry->file, NULL);
	ssize_t got = fd < 0 ? -1 : pread(fd, text, SHEBANG_READ, 0);

	return script_parse(wrapping->sources, text, got < 0 ? 0 : (size_t)got, ret_script);
}

/* Is it a shell, that is, does it run a script without files of its own? */
static bool
is_shell(const char *name)
{
	static const char *const names[] = {"sh", "bash", "dash", "ksh", "mksh", "zsh", "ash",
		"sed", "awk", "gawk", "mawk", "make"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(name, names[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* Why a launcher cannot run the script with this interpreter; NULL when it can. */
static const char *
interpreter_refusal(const struct file *file)
{
	if (!file) {
		return "nothing provides the interpreter";
	}
	if (file->class == FILE_STATIC_PROGRAM) {
		return "the interpreter is a static program";
	}
	return file->class == FILE_DYNAMIC_PROGRAM ? NULL
						   : "the interpreter is no program of its own";
}

/* An interpreter that is a script itself is run by its own: the kernel puts that one's line in
 * front (fs/binfmt_script.c, and no deeper than this). Why a launcher cannot do the same, or
 * NULL. */
static const char *
follow_scripts(
	struct wrapping *wrapping, struct script *script, struct file **file, const char **visible)
{
	for (int depth = 0; *file && (*file)->class == FILE_SCRIPT; depth++) {
		struct packed_entry *entry = entries_find(wrapping->entries, (*file)->path);
		struct script outer = {0};
		const char *argument = script->argument ? script->argument : "";
		if (depth == 4 || !entry || entry->file != *file ||
			!is_program_place(entry->path) || read_script(wrapping, entry, &outer) ||
			outer.env_count > 0) {
			return "the interpreter is a script that cannot be packed";
		}
		const char *place = script_place(wrapping->sources, wrapping->entries, entry);
		if (!place) {
			return "the interpreter is a script for whose text there is no place";
		}
		script->argument = arena_printf(&wrapping->sources->arena, "%s%s%c%s%s%s",
			outer.argument ? outer.argument : "", outer.argument ? "\n" : "",
			CONFIG_PATH, place, *argument ? "\n" : "", argument);
		script->interpreter = outer.interpreter;
		*file = script_interpreter(wrapping->sources, &outer, visible);
	}
	return NULL;
}

static int
wrap_script(struct wrapping *wrapping, struct packed_entry *entry, struct err *err)
{
	struct script script = {0};
	const char *visible = NULL;
	const char *why = read_script(wrapping, entry, &script);
	struct file *file = why ? NULL : script_interpreter(wrapping->sources, &script, &visible);
	const char *hidden = script_place(wrapping->sources, wrapping->entries, entry);

	why = why ? why : follow_scripts(wrapping, &script, &file, &visible);
	why = why ? why : interpreter_refusal(file);
	why = why || hidden ? why : "no name is free for it beside its launcher";
	if (why && entry->is_asked) {
		return err_fail(err, STATUS_UNPACKABLE, "script '%s' can't be packed: %s%s%s",
			entry->file->path, why, script.interpreter ? ": " : "",
			script.interpreter ? script.interpreter : "");
	}
	if (why) {
		notes_add(wrapping->notes, "script %s is left as it is: %s%s%s%s", entry->path, why,
			script.interpreter ? " (" : "",
			script.interpreter ? script.interpreter : "",
			script.interpreter ? ")" : "");
		return 0;
	}
	bool is_shipped = file->source->is_shipped;
	struct wrap wrap = {
		.entry = entry,
		.kind = CONFIG_SCRIPT,
		.program = file,
		.program_name = path_name(visible),
		.runpath = "",
		.argv0 = is_shipped ? visible : "",
		.argument = script.argument,
		.env = script.env,
		.env_count = script.env_count,
		.script = hidden,
	};
	if (complete_closure(wrapping, &wrap, err) < 0) {
		return err_wrap(err, "script '%s'", entry->path);
	}
	if (!is_shipped && wrap.furnished.data_count == 0 && !is_shell(wrap.program_name)) {
		notes_add(wrapping->notes,
			"script %s runs with %s of %s, whose own files are not taken along",
			entry->path, visible, file->source->label);
	}
	add_wrap(wrapping, &wrap);
	return 0;
}

static int
wrap_entry(struct wrapping *wrapping, struct packed_entry *entry, struct err *err)
{
	if (entry->is_seen || entry->type != ENTRY_FILE || path_resources(entry->path)) {
		return 0;
	}
	entry->is_seen = true;
	if (!entry->is_executable) {
		return 0;
	}
	switch (entry->file->class) {
	case FILE_DYNAMIC_PROGRAM:
		return wrap_program(wrapping, entry, err);
	case FILE_STATIC_PROGRAM:
		wrap_static(wrapping, entry);
		return 0;
	case FILE_SCRIPT:
		return entry->is_program || is_program_place(entry->path)
			       ? wrap_script(wrapping, entry, err)
			       : 0;
	case FILE_OTHER:
		if (entry->file->data) {
			notes_add(wrapping->notes, "%s is left as it is: %s", entry->path,
				entry->file->why ? entry->file->why
						 : "a file of an unknown ELF type");
		}
		return 0;
	case FILE_LIBRARY:
	case FILE_RELOCATABLE:
	case FILE_LAUNCHER:
		return 0;
	}
	return 0;
}

/* May the interpreter execute itself, or have the script do it? Other shells can do without a
 * launcher of their own: bash has $BASH, make has $(MAKE), busybox executes /proc/self/exe. */
static bool
names_itself(const struct wrap *wrap)
{
	const char *name = path_name(wrap->program->path);

	return !is_shell(name) || strcmp(name, "bash") == 0 || strcmp(name, "make") == 0 ||
	       rule_names(wrap->program, "/proc/self/exe");
}

static int
move_scripts(struct wrapping *wrapping, struct err *err)
{
	struct entries more = {0};

	for (size_t i = 0; i < wrapping->wraps.count; i++) {
		struct wrap *wrap = &wrapping->wraps.items[i];
		if (wrap->script) {
			script_move(wrapping->sources, wrapping->entries, wrap->entry, &more);
		}
		if (wrap->script && names_itself(wrap)) {
			script_add_runner(wrapping->sources, wrap, &more);
		}
	}
	return entries_merge(wrapping->entries, &more, err);
}

/* 1: there are new entries to go through; 0: there are not; -1 and err. */
static int
wrap_entries(struct wrapping *wrapping, struct err *err)
{
	struct entries *entries = wrapping->entries;

	for (size_t i = 0; i < entries->count; i++) {
		if (wrap_entry(wrapping, entries->items[i], err) < 0) {
			return -1;
		}
	}
	return furnishing_merge(&wrapping->furnishing, entries, err);
}

int
wraps_find(struct sources *sources, const struct pack_spec *spec, struct entries *entries,
	struct notes *notes, struct wraps *ret_wraps, struct err *err)
{
	struct wrapping wrapping = {sources, spec, entries, notes,
		.furnishing = {
			.sources = sources, .spec = spec, .entries = entries, .notes = notes}};
	int result;

	/* What the programs of one round look for may bring more programs. */
	do {
		result = wrap_entries(&wrapping, err);
	} while (result > 0);
	furnishing_done(&wrapping.furnishing);
	if (result < 0) {
		wraps_done(&wrapping.wraps);
		return -1;
	}
	if (move_scripts(&wrapping, err) < 0) {
		wraps_done(&wrapping.wraps);
		return -1;
	}
	*ret_wraps = wrapping.wraps;
	return 0;
}

void
wraps_done(struct wraps *wraps)
{
	free(wraps->items);
	*wraps = (struct wraps){0};
}
