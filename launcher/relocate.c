/* SPDX-License-Identifier: MIT */
#include "relocate.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "entries.h"
#include "notes.h"
#include "paths.h"
#include "rewrite.h"
#include "script_data.h"
#include "shell.h"
#include "sources.h"
#include "text.h"
#include "wrap.h"

#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 20, BINARY_PROBE = 4096, NAME_SHOWN = 200 };

static void
note_prefix(struct notes *notes, const char *path, const char *prefix, const char *data,
	size_t length, const struct file *elf)
{
	size_t at = 0, size = 0, more = 0;
	cleanup_free char *first = NULL;

	for (size_t from = 0; text_names_prefix(data, length, prefix, from, &at, &size);
		from = at + size) {
		cleanup_free char *name =
			mem_strndup(data + at, size < NAME_SHOWN ? size : NAME_SHOWN);
		/* the path of an ELF file's own libraries is taken care of */
		const char *own = !elf ? NULL : elf->runpath ? elf->runpath : elf->rpath;
		if (own && strstr(own, name)) {
			continue;
		}
		if (first) {
			more++;
		} else {
			first = steal(name);
		}
	}
	if (more > 0) {
		notes_add(notes, "%s still names %s (and %zu more)", path, first, more);
	} else if (first) {
		notes_add(notes, "%s still names %s", path, first);
	}
}

static int
relocate_text(struct packed_entry *entry, struct notes *notes, struct err *err)
{
	const char *prefix = entry->file->source->prefix;
	cleanup_buf struct buf text = {0};
	cleanup_fd int fd = file_open(entry->file, err);

	if (fd < 0 || fs_read_all(fd, TEXT_MAX, &text, err) < 0) {
		return err_wrap(err, "reading '%s'", entry->path);
	}
	if (memchr(text.data, '\0', text.length < BINARY_PROBE ? text.length : BINARY_PROBE)) {
		return 0;
	}
	entry->has_contents =
		text_relocate(entry->path, text.data, text.length, prefix, &entry->contents);
	const struct buf *now = entry->has_contents ? &entry->contents : &text;
	/* The first line of a script that has a launcher (and lies elsewhere now) says nothing. */
	size_t start =
		strcmp(entry->path, entry->file->path) == 0 ? 0 : strcspn(buf_text(now), "\n");
	note_prefix(notes, entry->path, prefix, buf_text(now) + start, now->length - start, NULL);
	return 0;
}

static void
relocate_library(struct sources *sources, struct packed_entry *entry)
{
	struct arena *arena = &sources->arena;
	cleanup_buf struct buf now = {0};

	if (rewrite_library(entry->file, path_dir(arena, entry->path), arena, &now)) {
		changes_between(&entry->changes, arena, entry->file->data, now.data, now.length);
	}
}

/* Python takes compiled modules (PEP 3147) for current by their source's time and size, and no
 * output keeps times: each start would compile anew, and write beside them. PEP 552: with flag 1 of
 * "hash-based", and without 2, "check source", they are taken as they are. Magic numbers: CPython's
 * Include/internal/pycore_magic_number.h; before 3390 (3.7) there are no flags. */
static int
settle_python_cache(struct sources *sources, struct packed_entry *entry, struct err *err)
{
	enum { HEADER = 16, FLAGS = 4, FIRST_MAGIC = 3390, LAST_MAGIC = 20000 };
	static const char unchecked[HEADER - FLAGS] = {1};
	unsigned char header[HEADER];
	cleanup_fd int fd = file_open(entry->file, err);

	if (fd < 0) {
		return err_wrap(err, "reading '%s'", entry->path);
	}
	if (pread(fd, header, HEADER, 0) != HEADER) {
		return 0; /* too short to be one */
	}
	unsigned magic = header[0] | header[1] << 8U;
	if (magic >= FIRST_MAGIC && magic < LAST_MAGIC && header[2] == '\r' && header[3] == '\n' &&
		memcmp(header + FLAGS, "\0\0\0", 4) == 0) {
		changes_add(&entry->changes, &sources->arena, FLAGS, unchecked, sizeof(unchecked));
	}
	return 0;
}

static bool
is_python_cache(const char *path)
{
	size_t length = strlen(path);

	return length > 4 && strcmp(path + length - 4, ".pyc") == 0;
}

static int
relocate_entry(
	struct sources *sources, struct packed_entry *entry, struct notes *notes, struct err *err)
{
	const struct file *file = entry->file;

	if (entry->has_contents || path_resources(entry->path)) {
		return 0;
	}
	if (file->class == FILE_OTHER && is_python_cache(entry->path)) {
		return settle_python_cache(sources, entry, err);
	}
	if (file->class == FILE_LIBRARY) {
		relocate_library(sources, entry);
	}
	if (*file->source->prefix == '\0' || file->size == 0) {
		return 0;
	}
	if (file->data && file->class != FILE_LAUNCHER) {
		note_prefix(notes, entry->path, file->source->prefix, (const char *)file->data,
			file->size, file);
		return 0;
	}
	return file->data || file->size > TEXT_MAX ? 0 : relocate_text(entry, notes, err);
}

/* A script of a root file system, whose package's directories came along. */
static int
relocate_script(struct sources *sources, struct entries *entries, const struct wrap *wrap,
	struct notes *notes, struct err *err)
{
	const struct file *file = wrap->entry->file;
	struct packed_entry *text = wrap->script ? entries_find(entries, wrap->script) : NULL;

	if (!text || *file->source->prefix || file->source->is_shipped ||
		!shell_is_one(wrap->program_name)) {
		return 0;
	}
	return script_data_relocate(sources, entries, text, notes, err);
}

int
relocate_entries(struct sources *sources, struct entries *entries, const struct wraps *wraps,
	struct notes *notes, struct err *err)
{
	for (size_t i = 0; i < wraps->count; i++) {
		const struct wrap *wrap = &wraps->items[i];
		const struct file *file = wrap->program;
		if (relocate_script(sources, entries, wrap, notes, err) < 0) {
			return -1;
		}
		if (wrap->kind != CONFIG_SCRIPT && *file->source->prefix) {
			note_prefix(notes, wrap->entry->path, file->source->prefix,
				(const char *)file->data, file->size, file);
		}
	}
	for (size_t i = 0; i < entries->count; i++) {
		if (entries->items[i]->type == ENTRY_FILE &&
			relocate_entry(sources, entries->items[i], notes, err) < 0) {
			return -1;
		}
	}
	return 0;
}
