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
#include "bundle.h"
#include "candidates.h"
#include "entries.h"
#include "glibc.h"
#include "launchers.h"
#include "libdirs.h"
#include "notes.h"
#include "owners.h"
#include "paths.h"
#include "relocate.h"
#include "sources.h"
#include "stay.h"
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

static int
make_all(struct packing *packing, struct err *err)
{
	stay_note(&packing->sources, &packing->entries, &packing->wraps, &packing->notes);
	backtraces_note(&packing->wraps, &packing->notes);
	return launchers_make(packing->spec, &packing->sources.arena, &packing->entries,
		       &packing->wraps, err) < 0
		       ? -1
		       : relocate_entries(&packing->sources, &packing->entries, &packing->wraps,
				 &packing->notes, err);
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
