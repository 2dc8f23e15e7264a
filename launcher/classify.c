/* SPDX-License-Identifier: MIT */
#include "classify.h"

#include "config.h"
#include "elf.h"
#include "image.h"

#include <string.h>

enum {
	DYNAMIC_LIMIT = 16 * 1024,
	SEGMENT_LIMIT = 65536 / sizeof(Elf64_Phdr), /* fs/binfmt_elf.c, load_elf_phdrs */
};

/* The end of a range of the file, or 0 where it is not inside it. */
static uint64_t
range_end(const struct elf *elf, uint64_t offset, uint64_t length)
{
	return offset <= elf->size && length <= elf->size - offset ? offset + length : 0;
}

uint64_t
elf_end(const struct elf *elf)
{
	uint64_t end = range_end(
		elf, elf->header.e_phoff, (uint64_t)elf->segment_count * sizeof(Elf64_Phdr));
	uint64_t sections = range_end(
		elf, elf->header.e_shoff, (uint64_t)elf->header.e_shnum * sizeof(Elf64_Shdr));

	for (uint16_t i = 0; i < elf->segment_count; i++) {
		Elf64_Phdr segment = elf_segment(elf, i);
		uint64_t its = range_end(elf, segment.p_offset, segment.p_filesz);
		end = its > end ? its : end;
	}
	if (sections == 0 || elf->header.e_shoff == 0 ||
		elf->header.e_shentsize != sizeof(Elf64_Shdr)) {
		return end;
	}
	end = sections > end ? sections : end;
	for (uint16_t i = 0; i < elf->header.e_shnum; i++) {
		Elf64_Shdr section;
		memcpy(&section, elf->data + elf->header.e_shoff + i * sizeof(section),
			sizeof(section));
		uint64_t its = section.sh_type == SHT_NOBITS
				       ? 0
				       : range_end(elf, section.sh_offset, section.sh_size);
		end = its > end ? its : end;
	}
	return end;
}

/* gABI, and ld's DF_1_PIE: what tells a position independent program from a library that can be
 * started is the flag, or, before binutils 2.26, that a program has no soname. */
static enum file_class
classify_elf(const struct elf *elf)
{
	uint64_t flags = 0;
	bool is_pie = elf_dynamic_value(elf, DT_FLAGS_1, &flags) && (flags & DF_1_PIE);
	bool has_soname = elf_dynamic_text(elf, DT_SONAME) != NULL;

	if (elf->header.e_type == ET_REL) {
		return FILE_RELOCATABLE;
	}
	if (elf->header.e_type != ET_EXEC && elf->header.e_type != ET_DYN) {
		return FILE_OTHER;
	}
	if (elf_interpreter(elf)) {
		return elf->header.e_type == ET_EXEC || is_pie || !has_soname ? FILE_DYNAMIC_PROGRAM
									      : FILE_LIBRARY;
	}
	return elf->header.e_type == ET_EXEC || is_pie ? FILE_STATIC_PROGRAM : FILE_LIBRARY;
}

enum file_class
file_classify(const void *data, uint64_t size, struct elf *ret_elf, const char **ret_why)
{
	struct config config;
	const char *why = NULL;

	if (size >= 2 && memcmp(data, "#!", 2) == 0) {
		return FILE_SCRIPT;
	}
	if (size < SELFMAG || memcmp(data, ELFMAG, SELFMAG) != 0) {
		return FILE_OTHER;
	}
	why = elf_open(data, size, ret_elf);
	if (!why && ret_elf->segment_count > SEGMENT_LIMIT) {
		why = "more program headers than the kernel takes";
	}
	if (!why && ret_elf->header.e_type != ET_REL) {
		why = elf_check_segments(ret_elf, 4096, size);
		why = why ? why : elf_dynamic_open(ret_elf);
	}
	if (!why && ret_elf->dynamic_count > DYNAMIC_LIMIT) {
		why = "a dynamic section with more entries than any linker writes";
	}
	if (why) {
		if (ret_why) {
			*ret_why = why;
		}
		return FILE_OTHER;
	}
	if (image_read(data, size, &config, &why)) {
		return FILE_LAUNCHER;
	}
	return classify_elf(ret_elf);
}

bool file_class_is_elf(enum file_class class)
{
	return class == FILE_DYNAMIC_PROGRAM || class == FILE_STATIC_PROGRAM ||
	       class == FILE_LIBRARY || class == FILE_RELOCATABLE || class == FILE_LAUNCHER;
}

const char *file_class_name(enum file_class class)
{
	static const char *const names[] = {
		[FILE_OTHER] = "other",
		[FILE_DYNAMIC_PROGRAM] = "dynamic program",
		[FILE_STATIC_PROGRAM] = "static program",
		[FILE_LIBRARY] = "shared library",
		[FILE_RELOCATABLE] = "relocatable object",
		[FILE_SCRIPT] = "script",
		[FILE_LAUNCHER] = "packed program",
	};

	return names[class];
}
