/* SPDX-License-Identifier: MIT */
#include "candidates.h"

#include "base/mem.h"
#include "closure.h"
#include "notes.h"
#include "resolve.h"
#include "sources.h"

#include <ctype.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 128, CANDIDATES_MAX = 32, MET_MAX = 4096 };

static bool
is_name_byte(unsigned char byte)
{
	return isalnum(byte) || (byte && strchr("_-.+", byte));
}

/* "libNAME.so" or "libNAME.so.1.2", and nothing else. */
static bool
is_soname(const char *text)
{
	const char *so = strstr(text, ".so");

	return strncmp(text, "lib", 3) == 0 && so && so > text + 3 &&
	       strspn(so + 3, "0123456789.") == strlen(so + 3) && so[strlen(so) - 1] != '.' &&
	       (so[3] == '\0' || so[3] == '.');
}

/* The whole NUL-terminated string that ".so" at `at` lies in, when it may be a soname; else
 * NULL. */
static char *
string_around(const struct file *file, const unsigned char *at)
{
	const unsigned char *start = at, *end = at, *limit = file->data + file->size;

	while (start > file->data && is_name_byte(start[-1]) && at - start < NAME_MAX_LENGTH) {
		start--;
	}
	while (end < limit && is_name_byte(*end) && end - at < NAME_MAX_LENGTH) {
		end++;
	}
	if (end == limit || *end != '\0' || (start > file->data && start[-1] != '\0')) {
		return NULL;
	}
	return mem_strndup((const char *)start, (size_t)(end - start));
}

/* The names that were met, so that none is looked at twice: a tsearch tree of strings. */
struct met {
	void *names;
	size_t count;
};

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* False where it was met before. Takes the name. */
static bool
meet(struct met *met, char *name)
{
	const char *const *there = tsearch(name, &met->names, compare);

	if (there && *there != name) {
		free(name);
		return false;
	}
	met->count++;
	return true;
}

static void
meet_needed(struct met *met, const struct file *file)
{
	for (uint64_t i = 0; i < file->elf.dynamic_count; i++) {
		Elf64_Dyn entry = elf_dynamic(&file->elf, i);
		const char *needed =
			entry.d_tag == DT_NEEDED ? elf_name(&file->elf, entry.d_un.d_val) : NULL;
		if (needed && strlen(needed) < NAME_MAX_LENGTH * 2) {
			meet(met, mem_strdup(needed));
		}
	}
	met->count = 0;
}

bool
candidates_each(
	const struct file *file, bool (*each)(void *context, const char *name), void *context)
{
	const unsigned char *at = file->data, *limit = file->data + file->size;
	struct met met = {0};
	bool is_going_on = true;

	meet_needed(&met, file);
	for (; is_going_on && (at = memmem(at, (size_t)(limit - at), ".so", 3)) != NULL; at += 3) {
		char *name = string_around(file, at);
		bool is_own = file->soname && name && strcmp(file->soname, name) == 0;
		if (!name || is_own || !is_soname(name)) {
			free(name);
			continue;
		}
		is_going_on = (!meet(&met, name) || each(context, name)) && met.count < MET_MAX;
	}
	bool is_whole = met.count < MET_MAX;
	tdestroy(met.names, free);
	return is_whole;
}

/* What candidates_note is about. */
struct noting {
	struct sources *sources;
	const struct closure *closure;
	struct notes *notes;
	unsigned found;
};

static bool
note(void *context, const char *name)
{
	struct noting *noting = context;
	const struct file *root = noting->closure->items[0].file;
	struct library library;

	if (closure_get(noting->closure, name) ||
		!resolve_library(noting->sources, noting->closure, 0, name, &library, NULL)) {
		return true;
	}
	if (!library.file->source->is_shipped && library.file != noting->closure->interpreter) {
		notes_add(noting->notes,
			"%s may open %s (of %s) at run time: runtime.libs (or --lib) takes it along",
			root->path, name, library.file->source->label);
	}
	return ++noting->found < CANDIDATES_MAX;
}

void
candidates_note(struct sources *sources, const struct closure *closure, struct notes *notes)
{
	struct noting noting = {sources, closure, notes, 0};

	if (!candidates_each(closure->items[0].file, note, &noting)) {
		notes_add(notes,
			"%s has more than %d names of libraries in it: the rest was not looked at",
			closure->items[0].file->path, MET_MAX);
	}
}
