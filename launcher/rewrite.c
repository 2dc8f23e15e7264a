/* SPDX-License-Identifier: MIT */
#include "rewrite.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "changes.h"
#include "glibc.h"
#include "paths.h"
#include "resolve.h"
#include "sources.h"
#include "symbols.h"

#include <string.h>

/* A path while its entries are made fit for the output. */
struct portable {
	const struct source *source;
	const char *directory; /* of the file, from the source's top */
	struct arena *arena;
	struct buf *text;
	bool only_origin; /* leave out what is not $ORIGIN already */
};

static void
add_entry(struct portable *portable, const char *text)
{
	struct buf *buf = portable->text;
	size_t length = strlen(text);

	/* each once: two absolute spellings may become one */
	for (const char *at = buf_text(buf); (at = strstr(at, text)) != NULL; at++) {
		if ((at == buf->data || at[-1] == ':') && (at[length] == ':' || !at[length])) {
			return;
		}
	}
	buf_printf(buf, "%s%s", buf->length > 0 ? ":" : "", text);
}

static void
make_portable(void *context, const char *entry, size_t length)
{
	struct portable *portable = context;
	cleanup_free char *text = mem_strndup(entry, length);
	const char *below;

	if (runpath_origin(text) > 0) {
		add_entry(portable, text);
		return;
	}
	/* In the name space of a root file system an absolute path means the host's. */
	if (portable->only_origin || *portable->source->prefix == '\0' ||
		!(below = source_strip(portable->source, text))) {
		return;
	}
	cleanup_free char *clean = mem_strdup(below);
	while (*clean && clean[strlen(clean) - 1] == '/') {
		clean[strlen(clean) - 1] = '\0';
	}
	const char *relative = path_relative(portable->arena, portable->directory, clean);
	add_entry(portable,
		*relative ? arena_printf(portable->arena, "$ORIGIN/%s", relative) : "$ORIGIN");
}

static const char *
portable_path(const struct file *file, const char *path, const char *directory, bool only_origin,
	struct arena *arena)
{
	cleanup_buf struct buf text = {0};
	struct portable portable = {file->source, directory, arena, &text, only_origin};

	runpath_each(path, make_portable, &portable);
	return arena_strdup(arena, buf_text(&text));
}

const char *
rewrite_runpath(const struct file *program, struct arena *arena)
{
	const char *path = program->runpath ? program->runpath : program->rpath;

	return path ? portable_path(program, path, path_dir(arena, program->path), false, arena)
		    : "";
}

/* The copy to be edited, made when there is a first edit. */
static char *
writable(const struct file *file, struct buf *contents)
{
	if (contents->length == 0) {
		buf_add(contents, file->data, file->size);
	}
	return contents->data;
}

static void
put_dynamic(const struct file *file, struct buf *contents, uint64_t i, const Elf64_Dyn *entry)
{
	memcpy(writable(file, contents) + file->elf.dynamic_offset + i * sizeof(*entry), entry,
		sizeof(*entry));
}

/* Writes the new path over the old one's bytes; false where it must not. */
static bool
put_path(const struct file *file, struct buf *contents, uint64_t at, const char *old,
	const char *new)
{
	size_t length = strlen(old);

	if (strlen(new) > length || symbols_shares_string(&file->elf, at, length)) {
		return false;
	}
	char *to = writable(file, contents) + file->elf.strings_offset + at;
	memset(to, 0, length);
	memcpy(to, new, strlen(new));
	return true;
}

static void
edit_path(const struct file *file, const char *output_dir, struct arena *arena, uint64_t i,
	struct buf *contents)
{
	Elf64_Dyn entry = elf_dynamic(&file->elf, i);
	const char *old = elf_name(&file->elf, entry.d_un.d_val);
	uint64_t at = entry.d_un.d_val;

	if (!old || (output_dir == NULL && *old == '\0' && entry.d_tag == DT_RPATH)) {
		return;
	}
	const char *new = output_dir ? portable_path(file, old, output_dir, false, arena) : "";
	if (*new == '\0') {
		/* String 0 is empty (gABI, "String Table"), and an empty path is none. */
		at = 0;
	} else if (strcmp(new, old) != 0 && !put_path(file, contents, at, old, new)) {
		new = portable_path(file, old, output_dir, true, arena);
		at = *new &&put_path(file, contents, at, old, new) ? at : 0;
	}
	Elf64_Dyn edited = {.d_tag = DT_RPATH, .d_un.d_val = at};
	if (memcmp(&edited, &entry, sizeof(entry)) != 0) {
		put_dynamic(file, contents, i, &edited);
	}
}

/* Nothing lies below a device: open gives ENOTDIR, or ENOENT without /dev. */
static const char nowhere[] = "/dev/null/", no_cache[] = "/dev/null/.cache";

/* Lays `nowhere` over the start of every absolute path with this end that is a whole string, NUL to
 * NUL. */
static bool
hide_paths(const struct file *file, struct buf *contents, const char *end)
{
	const unsigned char *at = file->data, *limit = file->data + file->size;
	const size_t length = strlen(end) + 1, hidden = sizeof(nowhere) - 1;
	bool is_found = false;

	while ((at = memmem(at, (size_t)(limit - at), end, length)) != NULL) {
		const unsigned char *nul = memrchr(file->data, '\0', (size_t)(at - file->data));
		at += length;
		if (nul && nul[1] == '/' && (size_t)(at - nul) > hidden + 1 &&
			memcmp(nul + 1, nowhere, hidden) != 0) {
			memcpy(writable(file, contents) + (nul + 1 - file->data), nowhere, hidden);
			is_found = true;
		}
	}
	return is_found;
}

/* Lays `nowhere` over the start of each absolute path of a ':'-separated string. */
static void
hide_entries(const struct file *file, struct buf *contents, const unsigned char *at)
{
	const unsigned char *limit = file->data + file->size;
	const size_t hidden = sizeof(nowhere) - 1;

	while (at < limit && *at == '/') {
		const unsigned char *end = at;
		while (end < limit && *end != '\0' && *end != ':') {
			end++;
		}
		if ((size_t)(end - at) > hidden) {
			memcpy(writable(file, contents) + (at - file->data), nowhere, hidden);
		}
		at = end < limit && *end == ':' ? end + 1 : limit;
	}
}

/* No more of a hostile file is looked at for one string than glibc's own could take. */
enum { CATALOGUE_BEFORE = 512, DEFAULT_DIR_LONGEST = 64 };

/* catopen's default NLSPATH is one string of several paths (catgets/catgets.c); where it is copied
 * behind the user's, the compiler has made constants of it that lie one behind the other, too. */
static void
hide_catalogues(const struct file *file, struct buf *contents)
{
	static const char mark[] = "/locale/%L/%N:";
	const unsigned char *at = file->data, *limit = file->data + file->size;

	while ((at = memmem(at, (size_t)(limit - at), mark, sizeof(mark) - 1)) != NULL) {
		size_t before = (size_t)(at - file->data);
		size_t look = before < CATALOGUE_BEFORE ? before : CATALOGUE_BEFORE;
		const unsigned char *nul = memrchr(at - look, '\0', look);
		if (nul) {
			hide_entries(file, contents, nul + 1);
		}
		/* All of this string is done. */
		at = memchr(at, '\0', (size_t)(limit - at));
		if (!at) {
			return;
		}
	}
}

/* Another name of the same length for each whole string that is this one. */
static void
rename_string(const struct file *file, struct buf *contents, const char *old, const char *new)
{
	const unsigned char *at = file->data, *limit = file->data + file->size;
	const size_t length = strlen(old) + 1;

	while ((at = memmem(at, (size_t)(limit - at), old, length)) != NULL) {
		if (at > file->data && at[-1] == '\0') {
			memcpy(writable(file, contents) + (at - file->data), new, length);
		}
		at += length;
	}
}

/* Where locales are told of by a variable, glibc adds its default directory to that's
 * (locale/setlocale.c) and looks for everything in both. An empty string adds nothing; behind it,
 * for who reads all of the array without the variable (locale/findlocale.c), stands a directory
 * that is none. */
static void
drop_default_locales(const struct file *file, struct buf *contents)
{
	static const char archive[] = "/locale-archive";
	const unsigned char *at = file->data, *limit = file->data + file->size;
	const unsigned char *end = memmem(at, file->size, archive, sizeof(archive));
	const unsigned char *nul = end ? memrchr(at, '\0', (size_t)(end - at)) : NULL;
	size_t length = nul ? (size_t)(end - nul) - 1 : 0;

	if (length <= sizeof(nowhere)) {
		return;
	}
	cleanup_free char *whole = mem_zalloc(length + 2, 1);
	memcpy(whole + 1, nul + 1, length);
	while ((at = memmem(at, (size_t)(limit - at), whole, length + 2)) != NULL) {
		char *to = writable(file, contents) + (at + 1 - file->data);
		memset(to, '\xff', length);
		to[0] = '\0';
		memcpy(to + 1, nowhere, sizeof(nowhere) - 1);
		at += length + 1;
	}
}

/* glibc would load the host's locales (locale/findlocale.c, loadarchive.c), charset modules
 * (iconv/gconv_conf.c, gconv_cache.c), messages and locale names' aliases (intl/dcigettext.c,
 * localealias.c). What the bundle has in their place it learns by variables of its own. Without
 * them a locale other than C fails, as does iconv_open for a charset that is not built in (UTF-8,
 * ASCII, UCS-2, UCS-4). */
static void
hide_host(const struct file *file, struct buf *contents)
{
	static const char *const ends[] = {
		"/gconv", "/gconv/gconv-modules.cache", "/locale", "/locale/locale-archive"};
	_Static_assert(sizeof(GLIBC_LOCPATH) == sizeof(GLIBC_LOCALES) &&
			       sizeof(GLIBC_GCONV_PATH) == sizeof(GLIBC_CHARSETS),
		"an edit keeps the length");

	if (!file->soname || strcmp(file->soname, "libc.so.6") != 0) {
		return;
	}
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		hide_paths(file, contents, ends[i]);
	}
	drop_default_locales(file, contents);
	hide_catalogues(file, contents);
	rename_string(file, contents, GLIBC_LOCPATH, GLIBC_LOCALES);
	rename_string(file, contents, GLIBC_GCONV_PATH, GLIBC_CHARSETS);
}

bool
rewrite_library(const struct file *file, const char *output_dir, struct arena *arena,
	struct buf *ret_contents)
{
	for (uint64_t i = 0; i < file->elf.dynamic_count; i++) {
		Elf64_Dyn entry = elf_dynamic(&file->elf, i);
		const char *name =
			entry.d_tag == DT_NEEDED ? elf_name(&file->elf, entry.d_un.d_val) : NULL;
		const char *slash = name ? strrchr(name, '/') : NULL;
		if (slash) {
			entry.d_un.d_val += (uint64_t)(slash + 1 - name);
			put_dynamic(file, ret_contents, i, &entry);
		} else if (entry.d_tag == DT_RUNPATH || entry.d_tag == DT_RPATH) {
			edit_path(file, output_dir, arena, i, ret_contents);
		}
	}
	hide_host(file, ret_contents);
	return ret_contents->length > 0;
}

/* A directory's path of the same length that nothing can be found below. */
static void
put_nowhere(char *to, size_t length)
{
	static const char terminal[] = "/dev/tty/";

	if (length >= sizeof(nowhere) - 1) {
		memcpy(to, nowhere, sizeof(nowhere) - 1);
	} else if (length == sizeof(terminal) - 1) {
		memcpy(to, terminal, length);
	} else {
		memset(to + 1, '\xff', length - 2);
	}
}

/* "/lib/x86_64-linux-gnu/", "/usr/lib64/", "/lib/", and so on, of this length, or 0. */
static size_t
default_dir_length(const unsigned char *at, const unsigned char *limit)
{
	size_t look = limit - at < DEFAULT_DIR_LONGEST ? (size_t)(limit - at) : DEFAULT_DIR_LONGEST;
	const unsigned char *end = memchr(at, '\0', look);
	const char *text = (const char *)at;

	if (!end || end[-1] != '/' || end - at < 5) {
		return 0;
	}
	text += strncmp(text, "/usr/", 5) == 0 ? 4 : 0;
	return strncmp(text, "/lib", 4) == 0 ? (size_t)(end - at) : 0;
}

/* ld.so's own search path: strings that end in a slash, one behind the other, with lengths that
 * stand elsewhere (elf/dl-load.c, system_dirs). What asks for it is above all the C library:
 * modules of the name service (NSS) that the host's nsswitch.conf names are not loaded, for they
 * are made for another C library. `files` and `dns` are built in since glibc 2.34, and nscd's
 * socket is asked as ever. Who wants the host's libraries says so by LD_LIBRARY_PATH. */
static bool
hide_default_dirs(const struct file *file, struct buf *contents)
{
	const unsigned char *limit = file->data + file->size;
	bool is_found = false;

	for (const unsigned char *at = file->data + 1; at < limit; at++) {
		size_t length = *at == '/' && (at[-1] < ' ' || at[-1] > '~')
					? default_dir_length(at, limit)
					: 0;
		if (length > 0) {
			put_nowhere(writable(file, contents) + (at - file->data), length);
			at += length;
			is_found = true;
		}
	}
	return is_found;
}

bool
rewrite_interpreter(const struct file *file, struct buf *ret_contents)
{
	bool has_cache = hide_paths(file, ret_contents, "/etc/ld.so.cache");
	bool has_preload = hide_paths(file, ret_contents, "/etc/ld.so.preload");
	bool has_dirs = hide_default_dirs(file, ret_contents);

	return has_cache || has_preload || has_dirs;
}

bool
rewrite_interpreter_is_done(const struct file *file)
{
	return memmem(file->data, file->size, no_cache, sizeof(no_cache)) != NULL;
}

bool
rewrite_string(const struct file *file, const char *old, const char *new, struct arena *arena,
	struct changes *changes)
{
	size_t size = strlen(old) + 1, count = changes->count;
	const unsigned char *at = file->data, *end = at + file->size;
	char *bytes = arena_alloc(arena, size, 1);

	if (strlen(new) >= size) {
		return false;
	}
	memcpy(bytes, new, strlen(new));
	for (; (at = memmem(at, (size_t)(end - at), old, size)) != NULL; at += size) {
		if (at > file->data && at[-1] == '\0') {
			changes_add(changes, arena, (uint64_t)(at - file->data), bytes, size);
		}
	}
	return changes->count > count;
}
