/* SPDX-License-Identifier: MIT */
#include "stay.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "entries.h"
#include "glibc.h"
#include "mention.h"
#include "notes.h"
#include "paths.h"
#include "shell.h"
#include "sources.h"
#include "symbols.h"
#include "wrap.h"

#include <fnmatch.h>
#include <search.h>
#include <stdbool.h>
#include <string.h>

enum { TEXT_MAX = 1 << 20, SHOWN_MAX = 4, SEEN_MAX = 32 };

/* What programs leave behind. */
struct staying {
	struct sources *sources;
	const struct entries *entries;
	const struct wraps *wraps;
	void *met;	      /* tsearch tree of the paths that were looked at */
	void *libraries;      /* and of struct looked */
	const char *shell_of; /* the first program that needs one */
	size_t shells;	      /* and how many there are */

	const struct wrap *wrap; /* the program that is looked at */
	bool is_own; /* the file that is looked at is the program, not a library of it */
	const char *seen[SEEN_MAX];
	size_t count;
	bool needs_shell;
};

/* Not data that a program would miss: messages in other languages, what people read, what belongs
 * to the desktop or to the machine, and glibc's own (glibc.h sees to that). */
static bool
is_of_machine(const char *path)
{
	static const char *const patterns[] = {"usr/share/locale*", "usr/share/doc*",
		"usr/share/man*", "usr/share/info*", "usr/share/icons*", "usr/share/pixmaps*",
		"usr/share/themes*", "usr/share/fonts*", "usr/share/applications*",
		"usr/share/mime*", "usr/share/dbus-1", "usr/share/dbus-1/*services*",
		"usr/share/dbus-1/interfaces*", "var/lib/dbus*", "usr/share/sounds*",
		"usr/share/terminfo*", "usr/share/common-licenses*", "usr/share/bug*",
		"usr/share/keyrings*", "usr/lib/locale*", "usr/lib/debug*", "usr/lib/*/gconv*",
		"usr/lib/systemd*", "usr/lib/os-release", "usr/share/base-files*",
		"usr/share/p11-kit*"};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		if (fnmatch(patterns[i], path, 0) == 0) {
			return true;
		}
	}
	/* the directory itself, not what is below it; and where all packages lay down files */
	return fnmatch("usr/lib/*-linux-gnu*", path, FNM_PATHNAME) == 0 ||
	       fnmatch("usr/lib/*.d", path, FNM_PATHNAME) == 0;
}

static bool
is_data(const char *path, bool is_own)
{
	static const char *const tops[] = {
		"usr/lib/", "usr/libexec/", "usr/lib64/", "usr/share/", "var/lib/", "opt/", "etc/"};

	for (size_t i = 0; i < sizeof(tops) / sizeof(*tops); i++) {
		size_t length = strlen(tops[i]);
		if (strncmp(path, tops[i], length) != 0 || path[length] == '\0') {
			continue;
		}
		/* a file of /etc is everybody's; a directory there may be a program's own */
		bool is_etc = strcmp(tops[i], "etc/") == 0;
		return is_etc ? is_own && strchr(path + length, '/') != NULL
			      : fnmatch("*.so*", path, 0) != 0 && !is_of_machine(path);
	}
	return false;
}

static bool
is_below(const char *path, const char *dir)
{
	size_t length = strlen(dir);

	return strncmp(path, dir, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* Has a rule, or the caller, seen to it? What starts a program may have been told for it. */
static bool
is_seen_to(const struct staying *staying, const char *path)
{
	for (size_t k = 0; k < staying->wraps->count; k++) {
		const struct furnished *furnished = &staying->wraps->items[k].furnished;
		for (size_t i = 0; i < furnished->data_count; i++) {
			const char *from = furnished->data[i]->from;
			if (is_below(path, from) || is_below(from, path)) {
				return true;
			}
		}
	}
	return entries_find(staying->entries, path) != NULL;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* False where the path was met before: it is told once. */
static bool
is_new(struct staying *staying, const char *path)
{
	if (tfind(path, &staying->met, compare)) {
		return false;
	}
	tsearch(arena_strdup(&staying->sources->arena, path), &staying->met, compare);
	return true;
}

static void
see(void *context, const char *text, size_t length)
{
	struct staying *staying = context;
	const struct source *source = staying->wrap->entry->file->source;
	cleanup_free char *path = mem_strndup(text, length);

	staying->needs_shell |= staying->is_own && strcmp(path, "/bin/sh") == 0;
	if (staying->count == SEEN_MAX || mention_is_of_build(text, length)) {
		return;
	}
	for (size_t i = 0; i < staying->count; i++) {
		if (is_below(path + 1, staying->seen[i])) {
			return;
		}
	}
	if (!is_data(path + 1, staying->is_own) || !is_new(staying, path + 1)) {
		return;
	}
	const char *canonical = source_resolve(staying->sources, source, path);
	if (canonical && *canonical && !is_seen_to(staying, canonical) &&
		!is_seen_to(staying, path + 1)) {
		staying->seen[staying->count++] = arena_strdup(&staying->sources->arena, path + 1);
	}
}

static const char *const shells[] = {"system", "popen", "wordexp", NULL};

/* What is mapped: in debugging information there are the directories of a compiler. */
static void
see_elf(struct staying *staying, const struct file *file)
{
	for (uint16_t i = 0; i < file->elf.segment_count; i++) {
		Elf64_Phdr segment = elf_segment(&file->elf, i);
		if (segment.p_type == PT_LOAD && segment.p_offset <= file->size &&
			segment.p_filesz <= file->size - segment.p_offset) {
			mention_each(file->data + segment.p_offset, segment.p_filesz, see, staying);
		}
	}
	staying->needs_shell |= symbols_imports(&file->elf, shells);
}

/* A library that many programs have is read once. */
struct looked {
	const struct file *file;
	bool needs_shell;
};

static int
compare_looked(const void *a, const void *b)
{
	const struct looked *one = a, *two = b;

	return one->file < two->file ? -1 : one->file > two->file;
}

static void
see_library(struct staying *staying, const struct file *file)
{
	struct looked key = {.file = file};
	struct looked **there = tfind(&key, &staying->libraries, compare_looked);

	if (!there) {
		struct looked *looked = arena_alloc(&staying->sources->arena, 1, sizeof(*looked));
		bool before = staying->needs_shell;
		staying->needs_shell = false;
		see_elf(staying, file);
		*looked = (struct looked){file, staying->needs_shell};
		staying->needs_shell |= before;
		tsearch(looked, &staying->libraries, compare_looked);
		return;
	}
	staying->needs_shell |= (*there)->needs_shell;
}

static void
see_text(struct staying *staying, const struct file *file)
{
	cleanup_buf struct buf text = {0};
	cleanup_fd int fd = file_open(file, NULL);

	if (fd >= 0 && file->size <= TEXT_MAX && fs_read_all(fd, TEXT_MAX, &text, NULL) == 0) {
		/* the first line is the launcher's business */
		size_t start = strcspn(buf_text(&text), "\n");
		mention_each(buf_text(&text) + start, text.length - start, see, staying);
	}
}

static bool
is_everybodys(const char *name)
{
	cleanup_free char *path = mem_printf("lib/%s", name);

	return glibc_is_own(path) || strncmp(name, "libstdc++", 9) == 0 ||
	       strncmp(name, "libgcc_s", 8) == 0;
}

static void
look(struct staying *staying)
{
	const struct closure *closure = &staying->wrap->closure;

	staying->is_own = true;
	if (staying->wrap->kind == CONFIG_SCRIPT) {
		see_text(staying, staying->wrap->entry->file);
	} else {
		see_elf(staying, staying->wrap->program);
	}
	staying->is_own = false;
	if (staying->wrap->kind == CONFIG_SCRIPT) {
		staying->needs_shell |= !shell_is_one(staying->wrap->program_name) &&
					closure_imports(closure, shells, NULL);
		return;
	}
	for (size_t i = 1; i < closure->started; i++) {
		const struct library *library = &closure->items[i];
		if (library->needer == 0 && !is_everybodys(library->name)) {
			see_library(staying, library->file);
		}
	}
}

static void
note(const struct staying *staying, struct notes *notes)
{
	const char *path = staying->wrap->entry->path;
	cleanup_buf struct buf list = {0};

	for (size_t i = 0; i < staying->count && i < SHOWN_MAX; i++) {
		buf_printf(&list, "%s/%s", i > 0 ? ", " : "", staying->seen[i]);
	}
	if (staying->count > SHOWN_MAX) {
		buf_printf(&list, " and %zu more", staying->count - SHOWN_MAX);
	}
	if (staying->count > 0) {
		notes_add(notes,
			"%s names what does not come along: %s. There it finds the host's, or nothing "
			"(--data takes it along, --env can tell a program that has a variable for it)",
			path, buf_text(&list));
	}
}

/* A link in /usr/bin may lead to a script among its own files, which it finds from there. */
static void
note_place(const struct staying *staying, struct notes *notes)
{
	const struct file *script = staying->wrap->entry->file;
	const char *dir = path_dir(&staying->sources->arena, script->path);

	if (staying->wrap->kind == CONFIG_SCRIPT && is_data(dir, false) &&
		!is_seen_to(staying, dir)) {
		notes_add(notes,
			"%s is a script that lies in /%s, where it may look for more: that does not come "
			"along (--data takes it along)",
			staying->wrap->entry->path, dir);
	}
}

static void
note_shell(const struct staying *staying, struct notes *notes)
{
	cleanup_free char *more =
		staying->shells > 1 ? mem_printf(" (and %zu more)", staying->shells - 1) : NULL;

	if (staying->shells > 0) {
		notes_add(notes, "%s%s may have /bin/sh do something: that is the host's",
			staying->shell_of, more ? more : "");
	}
}

static void
keep_node(void *node)
{
	(void)node;
}

void
stay_note(struct sources *sources, const struct entries *entries, const struct wraps *wraps,
	struct notes *notes)
{
	struct staying staying = {.sources = sources, .entries = entries, .wraps = wraps};

	for (size_t i = 0; i < wraps->count; i++) {
		const struct wrap *wrap = &wraps->items[i];
		const struct source *source = wrap->entry->file->source;
		if (source->is_shipped || *source->prefix) {
			continue;
		}
		staying.wrap = wrap;
		staying.count = 0;
		staying.needs_shell = false;
		look(&staying);
		note(&staying, notes);
		note_place(&staying, notes);
		if (staying.needs_shell && !shell_is_one(wrap->program_name)) {
			staying.shell_of = staying.shell_of ? staying.shell_of : wrap->entry->path;
			staying.shells++;
		}
	}
	note_shell(&staying, notes);
	tdestroy(staying.met, keep_node);
	tdestroy(staying.libraries, keep_node);
}
