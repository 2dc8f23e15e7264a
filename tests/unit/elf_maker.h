/* SPDX-License-Identifier: MIT */
/* ELF files made by hand: no compiler and no library of this machine has a say in their bytes. They
 * can be read and packed, not run. */
#ifndef BRUN_TEST_ELF_MAKER_H
#define BRUN_TEST_ELF_MAKER_H

#include "base/buf.h"

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { ELF_MAKER_NAMES = 8 };

struct elf_recipe {
	uint16_t machine; /* 0: EM_X86_64 */
	bool is_program;  /* a PIE; else a library */
	const char *interpreter, *soname, *runpath;
	const char *needed[ELF_MAKER_NAMES], *imports[ELF_MAKER_NAMES];
	const void *text; /* bytes that something in it may name */
	size_t text_size;
};

/* Everything in front of the strings; one PT_LOAD has it all, at address 0. */
struct elf_made {
	Elf64_Ehdr header;
	Elf64_Phdr segments[3];
	Elf64_Dyn entries[ELF_MAKER_NAMES + 9];
	Elf64_Sym symbols[ELF_MAKER_NAMES + 1];
	uint32_t hash[2];
};

/* Appends a string to the table behind the fixed part; its offset there. */
static inline size_t
elf_maker_string(struct buf *strings, const char *text)
{
	size_t at = strings->length;

	buf_add(strings, text, strlen(text) + 1);
	return at;
}

static inline void
elf_maker_entry(struct elf_made *made, size_t *count, int64_t tag, uint64_t value)
{
	made->entries[(*count)++] = (Elf64_Dyn){.d_tag = tag, .d_un.d_val = value};
}

static inline void
elf_maker_dynamic(const struct elf_recipe *recipe, struct elf_made *made, struct buf *strings)
{
	size_t count = 0, symbols = 1;

	for (size_t i = 0; i < ELF_MAKER_NAMES && recipe->needed[i]; i++) {
		elf_maker_entry(
			made, &count, DT_NEEDED, elf_maker_string(strings, recipe->needed[i]));
	}
	for (size_t i = 0; i < ELF_MAKER_NAMES && recipe->imports[i]; i++) {
		made->symbols[symbols++].st_name =
			(Elf64_Word)elf_maker_string(strings, recipe->imports[i]);
	}
	if (recipe->soname) {
		elf_maker_entry(made, &count, DT_SONAME, elf_maker_string(strings, recipe->soname));
	}
	if (recipe->runpath) {
		elf_maker_entry(
			made, &count, DT_RUNPATH, elf_maker_string(strings, recipe->runpath));
	}
	made->hash[1] = (uint32_t)symbols;
	elf_maker_entry(made, &count, DT_FLAGS_1, recipe->is_program ? DF_1_PIE : 0);
	elf_maker_entry(made, &count, DT_SYMTAB, offsetof(struct elf_made, symbols));
	elf_maker_entry(made, &count, DT_HASH, offsetof(struct elf_made, hash));
	elf_maker_entry(made, &count, DT_STRTAB, sizeof(*made));
	elf_maker_entry(made, &count, DT_STRSZ, strings->length);
	made->segments[1] = (Elf64_Phdr){.p_type = PT_DYNAMIC,
		.p_offset = offsetof(struct elf_made, entries),
		.p_vaddr = offsetof(struct elf_made, entries),
		.p_filesz = (count + 1) * sizeof(Elf64_Dyn),
		.p_memsz = (count + 1) * sizeof(Elf64_Dyn)};
}

/* Appends the file's bytes to ret_file. */
static inline void
elf_make(const struct elf_recipe *recipe, struct buf *ret_file)
{
	struct elf_made made = {
		.header = {.e_ident = ELFMAG "\2\1\1",
			.e_type = ET_DYN,
			.e_machine = recipe->machine ? recipe->machine : EM_X86_64,
			.e_version = EV_CURRENT,
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phoff = offsetof(struct elf_made, segments),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = recipe->interpreter ? 3 : 2},
	};
	cleanup_buf struct buf strings = {0};

	buf_putc(&strings, '\0');
	elf_maker_dynamic(recipe, &made, &strings);
	size_t size = sizeof(made) + strings.length;
	if (recipe->interpreter) {
		made.segments[2] = (Elf64_Phdr){.p_type = PT_INTERP,
			.p_offset = size,
			.p_vaddr = size,
			.p_filesz = strlen(recipe->interpreter) + 1,
			.p_memsz = strlen(recipe->interpreter) + 1};
		size += strlen(recipe->interpreter) + 1;
	}
	size += recipe->text_size;
	made.segments[0] = (Elf64_Phdr){.p_type = PT_LOAD,
		.p_flags = PF_R,
		.p_filesz = size,
		.p_memsz = size,
		.p_align = 1};
	buf_add(ret_file, &made, sizeof(made));
	buf_add(ret_file, strings.data, strings.length);
	if (recipe->interpreter) {
		buf_add(ret_file, recipe->interpreter, strlen(recipe->interpreter) + 1);
	}
	if (recipe->text_size > 0) {
		buf_add(ret_file, recipe->text, recipe->text_size);
	}
}

#endif
