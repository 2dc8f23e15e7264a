/* SPDX-License-Identifier: MIT */
/* libbacktrace and the sanitizers' symbolizers open /proc/self/exe for the main program, and what
 * dl_iterate_phdr names for all else (libbacktrace/fileline.c and elf.c, sanitizer_linux.cpp). What
 * goes by /proc/self/maps, as Rust does, or by dladdr finds the real program. */
#include "backtraces.h"

#include "notes.h"
#include "sources.h"
#include "wrap.h"

#include <stdbool.h>
#include <string.h>

/* gABI, "Section Header Table". */
static bool
has_symbols(const struct elf *elf)
{
	Elf64_Shdr section;
	uint64_t offset = elf->header.e_shoff;

	if (elf->header.e_shentsize != sizeof(section) || offset > elf->size) {
		return false;
	}
	uint64_t room = (elf->size - offset) / sizeof(section);
	for (uint64_t i = 0; i < elf->header.e_shnum && i < room; i++) {
		memcpy(&section, elf->data + offset + i * sizeof(section), sizeof(section));
		if (section.sh_type == SHT_SYMTAB && section.sh_size > 0) {
			return true;
		}
	}
	return false;
}

/* The first library of the closure that prints backtraces; NULL. */
static const char *
find_printer(const struct closure *closure)
{
	static const char *const printers[] = {"libasan.so.", "libhwasan.so.", "liblsan.so.",
		"libtsan.so.", "libgfortran.so.", "libgo.so."};

	for (size_t i = 1; i < closure->started; i++) {
		for (size_t k = 0; k < sizeof(printers) / sizeof(*printers); k++) {
			if (strncmp(closure->items[i].name, printers[k], strlen(printers[k])) ==
				0) {
				return closure->items[i].name;
			}
		}
	}
	return NULL;
}

void
backtraces_note(const struct wraps *wraps, struct notes *notes)
{
	for (size_t i = 0; i < wraps->count; i++) {
		const struct wrap *wrap = &wraps->items[i];
		const char *printer = find_printer(&wrap->closure);
		if (printer && has_symbols(&wrap->program->elf)) {
			notes_add(notes,
				"backtraces that %s prints of %s lack the names of its own "
				"functions: they are looked for in /proc/self/exe, which is the "
				"launcher",
				printer, wrap->entry->path);
		}
	}
}
