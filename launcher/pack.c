/* SPDX-License-Identifier: MIT */
/* A packed tree:
 *
 *	bin/curl             the launcher; config.c says what it is told
 *	.bin.NAME/NAME       the text of a script whose launcher is bin/NAME (script_place.h), and,
 *	.bin.NAME/NAME.brun/ but for shells, a launcher of its interpreter
 *	lib/… share/…        the package's own files, edited by rewrite.h and text.h
 *	brun-resources.d/ID/ one consistent set (bundle.h); as a rule there is one
 *	  exe/curl           the real program, byte for byte but for what a rule has edited
 *	  lib/NAME           what DT_NEEDED calls NAME; a link ../../../lib/NAME
 *	                     where the output ships it anyway
 *	  pack.json          what is here, from which source, why (bundle_write.c)
 *
 * The order of work: read what the output will hold (entries), decide what becomes a launcher and
 * find its closure (wrap, closure, known), distribute the closures over bundles, make the
 * launchers, relocate text, then write. Nothing is written before everything is known to be
 * there. */
#include "pack.h"

#include "backtraces.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "bundle.h"
#include "candidates.h"
#include "entries.h"
#include "glibc.h"
#include "image.h"
#include "libdirs.h"
#include "notes.h"
#include "owners.h"
#include "paths.h"
#include "plan/runtime.h"
#include "relocate.h"
#include "sources.h"
#include "stay.h"
#include "symbols.h"
#include "wrap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Everything about one run. */
struct packing {
	const struct pack_spec *spec;
	struct sources sources;
	struct entries entries;
	struct wraps wraps;
	struct bundles bundles;
	struct notes notes;
};

static void
open_source(struct packing *packing, const struct pack_source *from, bool is_shipped)
{
	libdirs_find(&packing->sources, sources_add(&packing->sources, from, is_shipped));
}

static void
open_sources(struct packing *packing)
{
	const struct pack_spec *spec = packing->spec;

	sources_init(&packing->sources, 1 + spec->runtime_count + spec->source_count);
	open_source(packing, &spec->package, spec->programs == NULL);
	for (size_t i = 0; i < spec->runtime_count; i++) {
		open_source(packing, &spec->runtime[i], true);
	}
	for (size_t i = 0; i < spec->source_count; i++) {
		open_source(packing, &spec->sources[i], false);
	}
}

static void
close_all(struct packing *packing)
{
	bundles_done(&packing->bundles);
	wraps_done(&packing->wraps);
	entries_done(&packing->entries);
	sources_done(&packing->sources);
	buf_done(&packing->notes.text);
}

/* Libraries of the output that some program may open by itself bring what they need along. */
static int
place_modules(struct packing *packing, struct err *err)
{
	struct glibc_use use = {.modules = true};

	for (size_t i = 0; i < packing->entries.count && packing->bundles.count > 0; i++) {
		const struct packed_entry *entry = packing->entries.items[i];
		struct closure closure;
		struct err why = {0};
		if (entry->type != ENTRY_FILE || entry->file->class != FILE_LIBRARY ||
			path_resources(entry->path)) {
			continue;
		}
		if (closure_find(&packing->sources, entry->file, &closure, &why) < 0) {
			why.text[strcspn(why.text, "\n")] = '\0';
			notes_add(&packing->notes, "library %s: %s", entry->path, why.text);
			continue;
		}
		candidates_note(&packing->sources, &closure, &packing->notes);
		glibc_use_add(&use, glibc_uses(&closure));
		if (bundles_add_module(&packing->bundles, &packing->sources, &closure,
			    &packing->notes, err) < 0) {
			return -1;
		}
	}
	for (size_t i = 0; i < packing->wraps.count; i++) {
		glibc_use_add(&packing->wraps.items[i].use, use);
	}
	return 0;
}

/* Locales and charset modules, for those who may use them. */
static int
place_glibc_data(struct packing *packing, struct err *err)
{
	for (size_t i = 0; i < packing->wraps.count; i++) {
		const struct wrap *wrap = &packing->wraps.items[i];
		if (glibc_add(wrap->bundle, &packing->sources, &wrap->closure, wrap->use,
			    wrap->entry->path, err) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
place_all(struct packing *packing, struct err *err)
{
	for (size_t i = 0; i < packing->wraps.count; i++) {
		struct wrap *wrap = &packing->wraps.items[i];
		if (bundles_place(&packing->bundles, &packing->sources, wrap, err) < 0) {
			return -1;
		}
	}
	if (place_modules(packing, err) < 0 || place_glibc_data(packing, err) < 0) {
		return -1;
	}
	owners_find(&packing->sources);
	return bundles_finish(&packing->bundles, &packing->sources, &packing->wraps,
		       &packing->notes, err) < 0
		       ? -1
		       : 0;
}

/* The start-up part of a closure as the launcher is told it. ld.so compares each absolute name with
 * every other: for so many libraries that takes longer than the first search of a directory, with
 * its tries for other processors' libraries, takes once. It finds the same where nothing but the
 * bundle's one directory is to be searched: libraries from elsewhere lose their search paths. */
static void
list_needed(const struct wrap *wrap, struct arena *arena, struct image_spec *ret_image)
{
	enum { MANY = 24 };
	const struct closure *closure = &wrap->closure;
	const char **list = arena_alloc(arena, closure->count, sizeof(*list));
	bool *is_named = arena_alloc(arena, closure->count, sizeof(*is_named));
	bool is_flat = !wrap->runpath || !*wrap->runpath;
	size_t count = 0;

	for (size_t i = 1; i < closure->started; i++) {
		const char *shipped = bundle_shipped(closure, i);
		/* without a slash it would be taken for a name in the flat directory */
		bool has_place = shipped && strchr(shipped, '/');
		is_named[count] = closure->items[i].is_named;
		list[count++] = has_place ? shipped : closure->items[i].name;
		is_flat &= !has_place;
	}
	ret_image->needed = list;
	ret_image->is_named = is_named;
	ret_image->needed_count = count;
	ret_image->is_searched = closure->is_glibc && is_flat && count >= MANY;
}

static void
add_env(struct runtime_env *list, size_t *count, const struct runtime_env *env, size_t more)
{
	if (more > 0) {
		memcpy(list + *count, env, more * sizeof(*env));
		*count += more;
	}
}

/* What the caller asks for comes first, for the rest may build on it. */
static const struct runtime_env *
env_list(struct packing *packing, const struct wrap *wrap, size_t *ret_count)
{
	const struct pack_spec *spec = packing->spec;
	const struct furnished *furnished = &wrap->furnished;
	struct arena *arena = &packing->sources.arena;
	struct runtime_env *list = arena_alloc(
		arena, spec->env_count + furnished->env_count + wrap->env_count + 2, sizeof(*list));
	size_t count = 0;

	add_env(list, &count, spec->env, spec->env_count);
	add_env(list, &count, furnished->env, furnished->env_count);
	add_env(list, &count, wrap->env, wrap->env_count);
	*ret_count =
		count + glibc_env(wrap->bundle, &packing->entries, wrap->use, arena, list + count);
	return list;
}

static int
build_launcher(struct packing *packing, struct image_spec *image, struct packed_entry *entry,
	struct err *err)
{
	struct arena *arena = &packing->sources.arena;

	image->up = path_relative(arena, path_dir(arena, entry->path), "");
	entry->has_contents = true;
	return image_build(image, &entry->contents, err) < 0 ? err_wrap(err, "'%s'", entry->path)
							     : 0;
}

static bool
is_same_operation(const struct runtime_env *one, const struct runtime_env *two)
{
	const char *values[] = {one->value, two->value, one->separator, two->separator};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		values[i] = values[i] ? values[i] : "";
	}
	return one->verb == two->verb && strcmp(one->name, two->name) == 0 &&
	       strcmp(values[0], values[1]) == 0 && strcmp(values[2], values[3]) == 0;
}

/* The visible launcher of a script's interpreter, where it is made here, too. */
static const struct wrap *
find_interpreter(const struct packing *packing, const struct wrap *script)
{
	for (size_t i = 0; i < packing->wraps.count; i++) {
		const struct wrap *wrap = &packing->wraps.items[i];
		if (wrap->kind == CONFIG_DYNAMIC && wrap->program == script->program) {
			return wrap;
		}
	}
	return NULL;
}

/* What is left to do for a script whose interpreter's launcher is executed: nothing where that is
 * its own one, else what the visible one does not do. */
static const struct runtime_env *
runner_env(struct packing *packing, const struct wrap *wrap, size_t *ret_count)
{
	const struct wrap *interpreter = wrap->inner ? NULL : find_interpreter(packing, wrap);
	size_t count = 0, others = 0, left = 0;
	const struct runtime_env *list = wrap->inner ? NULL : env_list(packing, wrap, &count);
	const struct runtime_env *other =
		interpreter ? env_list(packing, interpreter, &others) : NULL;
	struct runtime_env *rest = arena_alloc(&packing->sources.arena, count + 1, sizeof(*rest));

	for (size_t i = 0; i < count; i++) {
		size_t k = 0;
		while (k < others && !is_same_operation(&list[i], &other[k])) {
			k++;
		}
		if (k == others) {
			rest[left++] = list[i];
		}
	}
	*ret_count = left;
	return rest;
}

static int
make_runner(struct packing *packing, const struct wrap *wrap, struct err *err)
{
	size_t env_count;
	const struct runtime_env *env = runner_env(packing, wrap, &env_count);
	struct image_spec image = {
		.machine = wrap->program->elf.header.e_machine,
		.kind = CONFIG_RUN,
		.is_glibc = wrap->closure.is_glibc,
		.id = wrap->bundle->id,
		.program = wrap->runs,
		.argv0 = wrap->argv0,
		.argument = wrap->argument,
		.script = wrap->script,
		.env = env,
		.env_count = env_count,
	};

	return build_launcher(packing, &image, wrap->entry, err);
}

static int
make_launcher(struct packing *packing, const struct wrap *wrap, struct err *err)
{
	const struct closure *closure = &wrap->closure;
	size_t env_count;
	const struct runtime_env *env = env_list(packing, wrap, &env_count);
	struct image_spec image = {
		.machine = wrap->program->elf.header.e_machine,
		.kind = wrap->runs ? CONFIG_DYNAMIC : wrap->kind,
		.is_glibc = closure->is_glibc,
		.id = wrap->bundle->id,
		.program = wrap->is_payload ? NULL : wrap->exe,
		.interpreter = wrap->kind == CONFIG_STATIC ? NULL : wrap->bundle->interpreter,
		.library_dir = wrap->kind == CONFIG_STATIC ? NULL : "lib",
		.runpath = wrap->runpath,
		.argv0 = wrap->runs ? NULL : wrap->argv0,
		.argument = wrap->runs ? NULL : wrap->argument,
		.script = wrap->runs ? NULL : wrap->script,
		.payload = wrap->is_payload ? wrap->program->data : NULL,
		.payload_size = wrap->is_payload ? wrap->program->size : 0,
		.debug = closure->interpreter ? symbols_debug_address(&closure->interpreter->elf)
					      : 0,
		.env = env,
		.env_count = env_count,
	};

	list_needed(wrap, &packing->sources.arena, &image);
	if (wrap->runs && make_runner(packing, wrap, err) < 0) {
		return -1;
	}
	struct packed_entry *entry = wrap->runs ? wrap->inner : wrap->entry;
	return entry ? build_launcher(packing, &image, entry, err) : 0;
}

static int
make_all(struct packing *packing, struct err *err)
{
	stay_note(&packing->sources, &packing->entries, &packing->wraps, &packing->notes);
	backtraces_note(&packing->wraps, &packing->notes);
	for (size_t i = 0; i < packing->wraps.count; i++) {
		if (make_launcher(packing, &packing->wraps.items[i], err) < 0) {
			return -1;
		}
	}
	return relocate_entries(
		&packing->sources, &packing->entries, &packing->wraps, &packing->notes, err);
}

static void
count_all(struct packing *packing, struct pack_report *report)
{
	for (size_t i = 0; i < packing->wraps.count; i++) {
		const struct wrap *wrap = &packing->wraps.items[i];
		report->programs += wrap->kind == CONFIG_DYNAMIC;
		report->scripts += wrap->kind == CONFIG_SCRIPT;
	}
	for (size_t i = 0; i < packing->entries.count; i++) {
		const struct packed_entry *entry = packing->entries.items[i];
		if (entry->type == ENTRY_FILE) {
			report->static_programs +=
				entry->is_executable && entry->file->class == FILE_STATIC_PROGRAM;
			report->bytes +=
				entry->has_contents ? entry->contents.length : entry->file->size;
		}
	}
	for (size_t i = 0; i < packing->bundles.count; i++) {
		const struct bundle *bundle = packing->bundles.items[i];
		for (size_t k = 0; k < bundle->count; k++) {
			const struct bundle_file *file = &bundle->files[k];
			bool is_copy = file->target == NULL;
			bool is_library = strncmp(file->path, "lib/", 4) == 0;
			uint64_t size = file->has_contents ? file->contents.length
					: is_copy	   ? file->file->size
							   : 0;
			report->libraries += is_copy && is_library;
			report->library_bytes += is_library ? size : 0;
			report->glibc_bytes += glibc_is_own(file->path) ? size : 0;
			report->bytes += size;
		}
	}
	report->warnings = notes_take(&packing->notes);
}

int
pack_tree(const struct pack_spec *spec, int to_fd, struct pack_report *ret_report, struct err *err)
{
	struct packing packing = {.spec = spec};
	struct pack_report report = {0};

	open_sources(&packing);
	int result =
		entries_read(&packing.sources, spec, &packing.entries, err) < 0 ||
				wraps_find(&packing.sources, spec, &packing.entries, &packing.notes,
					&packing.wraps, err) < 0 ||
				place_all(&packing, err) < 0 || make_all(&packing, err) < 0 ||
				entries_write(&packing.entries, to_fd, err) < 0 ||
				bundles_write(&packing.bundles, &packing.entries, to_fd, err) < 0
			? -1
			: 0;
	if (result == 0) {
		count_all(&packing, &report);
		*ret_report = report;
	}
	close_all(&packing);
	return result;
}

void
pack_report_done(struct pack_report *report)
{
	free(report->warnings);
	*report = (struct pack_report){0};
}
