/* SPDX-License-Identifier: MIT */
#include "resolve.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "closure.h"
#include "libdirs.h"
#include "paths.h"
#include "sources.h"

#include <limits.h>
#include <string.h>

/* One search: who asks for what, and where it was looked so far. */
struct search {
	struct sources *sources;
	const struct file *needer; /* $ORIGIN is its directory */
	uint16_t machine;
	const char *name;
	struct library *found;
	bool is_found;
	struct buf *looked;
};

void
runpath_each(const char *runpath, void (*each)(void *context, const char *entry, size_t length),
	void *context)
{
	for (const char *at = runpath;; at++) {
		size_t length = strcspn(at, ":");
		each(context, at, length);
		at += length;
		if (*at == '\0') {
			return;
		}
	}
}

size_t
runpath_origin(const char *entry)
{
	static const char *const tokens[] = {"$ORIGIN", "${ORIGIN}"};

	for (size_t i = 0; i < 2; i++) {
		size_t length = strlen(tokens[i]);
		if (strncmp(entry, tokens[i], length) == 0 &&
			(entry[length] == '/' || entry[length] == ':' || entry[length] == '\0')) {
			return length;
		}
	}
	return 0;
}

static void
note_place(struct search *search, const char *directory, const char *label)
{
	if (search->looked && search->looked->length < 3000) {
		buf_printf(search->looked, "%s%s (%s)", search->looked->length > 0 ? ", " : "",
			*directory ? directory : "/", label);
	}
}

/* The loader passes over files of another machine and over what is no ELF file. */
static bool
is_loadable(const struct search *search, const struct file *file)
{
	return file && (file->class == FILE_LIBRARY || file->class == FILE_DYNAMIC_PROGRAM) &&
	       file->elf.header.e_machine == search->machine;
}

/* Looks into a directory of one source; `directory` is from the source's top. */
static bool
look_into(struct search *search, const struct source *source, const char *directory)
{
	cleanup_free char *path =
		mem_printf("%s%s%s", directory, *directory ? "/" : "", search->name);
	struct file *file = source_lookup(search->sources, source, path);

	if (!is_loadable(search, file)) {
		return false;
	}
	search->found->file = file;
	search->found->visible = arena_strdup(&search->sources->arena, path);
	search->is_found = true;
	return true;
}

/* Looks into an absolute directory, in every source in whose name space it can lie. */
static void
look_everywhere(struct search *search, const char *absolute)
{
	for (size_t i = 0; i < search->sources->count && !search->is_found; i++) {
		const struct source *source = &search->sources->items[i];
		const char *canonical = source_strip(source, absolute)
						? source_resolve(search->sources, source, absolute)
						: NULL;
		if (canonical && !look_into(search, source, canonical)) {
			note_place(search, absolute, source->label);
		}
	}
}

static const char *
token_value(const struct search *search, const char *token, unsigned variant, char *origin)
{
	const char *libs[] = {"lib64", "lib", NULL};

	if (strcmp(token, "ORIGIN") == 0) {
		return origin;
	}
	if (strcmp(token, "PLATFORM") == 0) {
		return libdirs_platform(search->machine);
	}
	if (strcmp(token, "LIB") == 0) {
		return libs[variant];
	}
	return NULL;
}

/* Replaces the tokens of an entry. What $LIB is was compiled into the loader: variant 0 and 1 are
 * "lib64" and "lib"; variant 2 is Debian's. False where there is no such variant. */
static bool
expand(const struct search *search, const char *entry, size_t length, unsigned variant,
	struct buf *ret_path)
{
	const char *slash = strrchr(search->needer->path, '/');
	cleanup_free char *origin = mem_printf("%s/%.*s", search->needer->source->prefix,
		slash ? (int)(slash - search->needer->path) : 0, search->needer->path);
	cleanup_free char *debian = mem_printf("lib/%s", libdirs_triplet(search->machine));
	bool has_lib = false;

	for (size_t i = 0; i < length;) {
		size_t brace = i + 1 < length && entry[i + 1] == '{';
		size_t size = entry[i] == '$'
				      ? strspn(entry + i + 1 + brace, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
				      : 0;
		cleanup_free char *token =
			mem_strndup(entry + i + (size > 0) + brace * (size > 0), size);
		const char *value = token_value(search, token, variant < 2 ? variant : 2, origin);
		bool is_lib = strcmp(token, "LIB") == 0;
		has_lib |= is_lib;
		if (value || is_lib) {
			buf_puts(ret_path, value ? value : debian);
			i += 1 + size + 2 * brace;
		} else {
			buf_putc(ret_path, entry[i++]);
		}
	}
	return variant == 0 || has_lib;
}

static void
look_entry(void *context, const char *entry, size_t length)
{
	struct search *search = context;

	if (length == 0 || length >= PATH_MAX) {
		return; /* an empty entry is the current directory: never what is meant */
	}
	for (unsigned variant = 0; variant < 3 && !search->is_found; variant++) {
		cleanup_buf struct buf path = {0};
		if (!expand(search, entry, length, variant, &path)) {
			return;
		}
		if (buf_text(&path)[0] == '/') {
			look_everywhere(search, buf_text(&path));
		}
	}
}

/* DT_RPATH of the needer and of all that led to it; a DT_RUNPATH turns them off. */
static void
look_rpaths(struct search *search, const struct closure *closure, size_t needer)
{
	if (search->is_found || closure->items[needer].file->runpath) {
		return;
	}
	for (size_t at = needer;; at = closure->items[at].needer) {
		const struct file *file = closure->items[at].file;
		if (file->rpath && !file->runpath) {
			search->needer = file;
			runpath_each(file->rpath, look_entry, search);
		}
		if (at == 0) {
			return;
		}
	}
}

static void
look_defaults(struct search *search)
{
	for (size_t i = 0; i < search->sources->count; i++) {
		const struct source *source = &search->sources->items[i];
		for (size_t k = 0; k < source->library_dir_count && !search->is_found; k++) {
			if (look_into(search, source, source->library_dirs[k])) {
				return;
			}
			cleanup_free char *place =
				mem_printf("%s/%s", source->prefix, source->library_dirs[k]);
			note_place(search, place, source->label);
		}
	}
}

/* A name with a slash is a path and is not searched for. */
static void
look_at_path(struct search *search)
{
	const char *name = search->name;
	const char *slash = strrchr(name, '/');
	size_t length = (size_t)(slash - name);

	search->name = slash + 1;
	if (length == 0) {
		look_everywhere(search, "/");
	} else {
		look_entry(search, name, length);
	}
	/* The path was the build's: the file of that name that ships is what is meant. */
	if (!search->is_found) {
		look_defaults(search);
	}
}

/* A file inside the resources of a packed tree finds its libraries beside it. */
static void
look_beside(struct search *search)
{
	const char *rest = path_resources(search->needer->path);

	if (rest) {
		cleanup_free char *directory = mem_printf(
			"%.*s/lib", (int)(rest - search->needer->path), search->needer->path);
		look_into(search, search->needer->source, directory);
	}
}

bool
resolve_library(struct sources *sources, const struct closure *closure, size_t needer,
	const char *name, struct library *ret_library, struct buf *ret_looked)
{
	struct library found = {.needer = needer};
	struct search search = {
		.sources = sources,
		.needer = closure->items[needer].file,
		.machine = closure->items[needer].file->elf.header.e_machine,
		.name = name,
		.found = &found,
		.looked = ret_looked,
	};

	if (strlen(name) >= PATH_MAX || name[0] == '\0' || name[strlen(name) - 1] == '/') {
		return false;
	}
	if (strchr(name, '/')) {
		look_at_path(&search);
	} else {
		look_beside(&search);
		look_rpaths(&search, closure, needer);
		search.needer = closure->items[needer].file;
		if (search.needer->runpath && !search.is_found) {
			runpath_each(search.needer->runpath, look_entry, &search);
		}
		if (!search.is_found) {
			look_defaults(&search);
		}
	}
	if (search.is_found) {
		found.name = arena_strdup(&sources->arena, search.name);
		*ret_library = found;
	}
	return search.is_found;
}
