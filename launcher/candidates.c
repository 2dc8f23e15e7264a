/* SPDX-License-Identifier: MIT */
#include "candidates.h"

#include "base/mem.h"
#include "closure.h"
#include "notes.h"
#include "resolve.h"
#include "sources.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 128, CANDIDATES_MAX = 32 };

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

/* The whole NUL-terminated string that ".so" at `at` lies in, when it may be a soname; else NULL.
 */
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

void
candidates_note(struct sources *sources, const struct closure *closure, struct notes *notes)
{
	const struct file *root = closure->items[0].file;
	const unsigned char *at = root->data, *limit = root->data + root->size;
	unsigned found = 0;

	for (; found < CANDIDATES_MAX && (at = memmem(at, (size_t)(limit - at), ".so", 3)) != NULL;
		at += 3) {
		struct library library;
		cleanup_free char *name = string_around(root, at);
		bool is_own = root->soname && name && strcmp(root->soname, name) == 0;
		if (!name || is_own || !is_soname(name) || closure_get(closure, name) ||
			!resolve_library(sources, closure, 0, name, &library, NULL)) {
			continue;
		}
		found++;
		if (!library.file->source->is_shipped && library.file != closure->interpreter) {
			notes_add(notes,
				"%s may open %s (of %s) at run time: runtime.libs (or --lib) takes it along",
				root->path, name, library.file->source->label);
		}
	}
}
