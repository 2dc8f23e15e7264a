/* SPDX-License-Identifier: MIT */
#include "known.h"

#include "base/err.h"
#include "closure.h"
#include "elf.h"
#include "notes.h"
#include "sources.h"
#include "versions.h"

#include <jansson.h>
#include <string.h>

enum {
	NOTE_DLOPEN = 0x407c0c0a, /* UAPI group, "ELF dlopen() metadata" */
	NOTE_MAX = 64 * 1024,
	NOTES_OF_FILE = 256,
};

struct opening {
	struct sources *sources;
	struct closure *closure;
	struct notes *notes;
};

static bool
open_quietly(struct opening *opening, const char *name)
{
	bool is_found = false;
	struct err why = {0};

	if (strchr(name, '/') || strlen(name) > 255) {
		return true; /* a path of its own: nothing to carry along */
	}
	if (closure_open(opening->sources, opening->closure, name, &is_found, &why) < 0) {
		why.text[strcspn(why.text, "\n")] = '\0';
		notes_add(opening->notes, "%s may open %s, which cannot be taken along: %s",
			opening->closure->items[0].file->path, name, why.text);
		return true;
	}
	return is_found;
}

/* One feature: the first of its sonames that can be had stands for it. */
static void
open_feature(struct opening *opening, const struct file *file, const json_t *feature)
{
	const json_t *names = json_object_get(feature, "soname");
	const char *priority = json_string_value(json_object_get(feature, "priority"));

	for (size_t i = 0; i < json_array_size(names) && i < 16; i++) {
		const char *name = json_string_value(json_array_get(names, i));
		if (name && open_quietly(opening, name)) {
			return;
		}
	}
	const char *first = json_string_value(json_array_get(names, 0));
	if (first && priority && strcmp(priority, "required") == 0) {
		notes_add(opening->notes, "%s says that it requires %s at run time; nothing has it",
			file->path, first);
	}
}

static void
open_note(struct opening *opening, const struct file *file, const unsigned char *text, size_t size)
{
	json_t *features =
		json_loadb((const char *)text, strnlen((const char *)text, size), 0, NULL);

	for (size_t i = 0; i < json_array_size(features) && i < NOTES_OF_FILE; i++) {
		open_feature(opening, file, json_array_get(features, i));
	}
	json_decref(features);
}

/* gABI, "Note Section": name and description are padded to four bytes. */
static void
open_notes_in(
	struct opening *opening, const struct file *file, const unsigned char *at, uint64_t left)
{
	Elf64_Nhdr note;

	for (unsigned i = 0; i < NOTES_OF_FILE && left >= sizeof(note); i++) {
		memcpy(&note, at, sizeof(note));
		uint64_t name = ((uint64_t)note.n_namesz + 3) & ~UINT64_C(3);
		uint64_t size =
			sizeof(note) + name + (((uint64_t)note.n_descsz + 3) & ~UINT64_C(3));
		if (sizeof(note) + name + note.n_descsz > left) {
			return;
		}
		if (note.n_type == NOTE_DLOPEN && note.n_namesz == 4 && note.n_descsz < NOTE_MAX &&
			memcmp(at + sizeof(note), "FDO", 4) == 0) {
			open_note(opening, file, at + sizeof(note) + name, note.n_descsz);
		}
		if (size > left) {
			return;
		}
		at += size;
		left -= size;
	}
}

static void
open_notes(struct opening *opening, const struct file *file)
{
	for (uint16_t i = 0; i < file->elf.segment_count; i++) {
		Elf64_Phdr segment = elf_segment(&file->elf, i);
		if (segment.p_type == PT_NOTE && segment.p_offset <= file->elf.size &&
			segment.p_filesz <= file->elf.size - segment.p_offset) {
			open_notes_in(
				opening, file, file->data + segment.p_offset, segment.p_filesz);
		}
	}
}

/* glibc opens libgcc_s to unwind (nptl/pthread_cancel.c, debug/backtrace.c, sysdeps/generic/
 * unwind-dw2...), and before 2.34 its name service modules (NEWS for 2.34). */
static void
open_of_glibc(struct opening *opening)
{
	static const char *const unwinding[] = {
		"pthread_cancel", "pthread_exit", "backtrace", "thrd_exit", NULL};
	static const char *const naming[] = {"getaddrinfo", "getnameinfo", "gethostbyname",
		"gethostbyname_r", "gethostbyname2_r", "getpwnam", "getpwnam_r", "getpwuid",
		"getpwuid_r", "getgrnam", "getgrgid", "getservbyname", NULL};
	const struct library *libc = closure_get(opening->closure, "libc.so.6");

	if (!libc) {
		return;
	}
	if (closure_imports(opening->closure, unwinding, NULL) &&
		!open_quietly(opening, "libgcc_s.so.1")) {
		notes_add(opening->notes,
			"%s may unwind its threads, which takes libgcc_s.so.1; nothing has it",
			opening->closure->items[0].file->path);
	}
	if (!versions_defines(&libc->file->elf, "GLIBC_2.34") &&
		closure_imports(opening->closure, naming, NULL)) {
		open_quietly(opening, "libnss_files.so.2");
		open_quietly(opening, "libnss_dns.so.2");
	}
}

void
known_open(struct sources *sources, struct closure *closure, struct notes *notes)
{
	struct opening opening = {sources, closure, notes};

	open_of_glibc(&opening);
	/* count grows while what is opened names more */
	for (size_t i = 0; i < closure->count; i++) {
		open_notes(&opening, closure->items[i].file);
	}
}

int
known_open_named(
	struct sources *sources, struct closure *closure, const char *const *libs, struct err *err)
{
	for (; libs && *libs; libs++) {
		bool is_found = false;
		if (closure_open(sources, closure, *libs, &is_found, err) < 0) {
			return err_wrap(err, "runtime library '%s'", *libs);
		}
		if (!is_found) {
			err_fail(err, STATUS_UNPACKABLE,
				"the recipe names the runtime library '%s', which nothing provides",
				*libs);
			return err_hint(err, "Add the package that has it to the dependencies.");
		}
	}
	return 0;
}
