/* SPDX-License-Identifier: MIT */
#include "launcher/elf.h"

#include "test.h"

/* A program with one page of code and data: header, four program headers, dynamic section,
 * strings. */
struct file {
	Elf64_Ehdr header;
	Elf64_Phdr segments[4];
	Elf64_Dyn entries[4];
	char strings[16], interpreter[8];
};

enum { BASE = 0x400000 };

static struct file
good_file(void)
{
	struct file file = {
		.header = {.e_ident = ELFMAG "\2\1\1",
			.e_type = ET_DYN,
			.e_machine = EM_X86_64,
			.e_phoff = offsetof(struct file, segments),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 4},
		.segments = {{.p_type = PT_LOAD,
				     .p_vaddr = BASE,
				     .p_filesz = sizeof(struct file),
				     .p_memsz = sizeof(struct file)},
			{.p_type = PT_LOAD, .p_vaddr = BASE + 0x1000, .p_memsz = 0x1000},
			{.p_type = PT_DYNAMIC,
				.p_vaddr = BASE + offsetof(struct file, entries),
				.p_filesz = 4 * sizeof(Elf64_Dyn)},
			{.p_type = PT_INTERP,
				.p_offset = offsetof(struct file, interpreter),
				.p_filesz = 8}},
		.entries = {{DT_STRTAB, {BASE + offsetof(struct file, strings)}}, {DT_STRSZ, {16}},
			{DT_NEEDED, {1}}, {DT_NULL, {0}}},
		.strings = "\0libc.so.6\0abcd",
		.interpreter = "/lib/ld",
	};

	/* The last string has no end. */
	file.strings[15] = 'e';
	return file;
}

static const char *
open_file(const struct file *file, struct elf *elf)
{
	return elf_open(file, sizeof(*file), elf);
}

TEST(a_good_file_opens)
{
	struct file file = good_file();
	struct elf elf;
	uint64_t offset = 0;

	CHECK_OR_RETURN(!open_file(&file, &elf) && elf.segment_count == 4);
	CHECK(!elf_check_segments(&elf, 4096, sizeof(file)));
	CHECK(!elf_dynamic_open(&elf) && elf.dynamic_count == 3);
	CHECK(elf_dynamic(&elf, 2).d_tag == DT_NEEDED);
	CHECK_TEXT(elf_name(&elf, 1), "libc.so.6");
	CHECK(!elf_name(&elf, 11) && !elf_name(&elf, 16) && !elf_name(&elf, UINT64_MAX));
	CHECK_TEXT(elf_interpreter(&elf), "/lib/ld");
	CHECK(elf_offset(&elf, BASE + 8, 8, &offset) && offset == 8);
}

TEST(addresses_outside_the_file_have_no_offset)
{
	struct file file = good_file();
	struct elf elf;
	uint64_t offset = 99;

	CHECK_OR_RETURN(!open_file(&file, &elf));
	CHECK(!elf_offset(&elf, BASE - 1, 1, &offset) &&
		!elf_offset(&elf, BASE + 0x1000, 1, &offset) &&
		!elf_offset(&elf, BASE, sizeof(file) + 1, &offset) &&
		!elf_offset(&elf, BASE + 1, UINT64_MAX, &offset) && offset == 99);
}

TEST(headers_that_are_not_inside_are_refused)
{
	struct file file = good_file();
	struct elf elf;

	CHECK(elf_open(&file, 63, &elf) && elf_open(&file, 64 + 4 * 56 - 1, &elf));
	file.header.e_phoff = UINT64_MAX - 10;
	CHECK_TEXT(open_file(&file, &elf), "program headers outside the file");
	file = good_file();
	file.header.e_phnum = PN_XNUM;
	CHECK(open_file(&file, &elf));
	file = good_file();
	file.header.e_phentsize = 32;
	CHECK(open_file(&file, &elf));
}

TEST(other_classes_and_machines_are_refused)
{
	struct file file = good_file();
	struct elf elf;

	file.header.e_ident[EI_CLASS] = ELFCLASS32;
	CHECK_TEXT(open_file(&file, &elf), "not 64-bit little-endian ELF");
	file = good_file();
	file.header.e_machine = EM_386;
	CHECK(open_file(&file, &elf));
	CHECK_TEXT(elf_open("#!/bin/sh\n                                                      ", 64,
			   &elf),
		"not an ELF file");
}

TEST(segments_that_cannot_be_mapped_are_refused)
{
	struct elf elf;
	struct file file = good_file();

	CHECK_OR_RETURN(!open_file(&file, &elf));
	file.segments[0].p_filesz++;
	CHECK(elf_check_segments(&elf, 4096, sizeof(file)));
	file.segments[0].p_memsz++;
	CHECK_TEXT(elf_check_segments(&elf, 4096, sizeof(file)),
		"a segment behind the file's end (is it cut off?)");
	file = good_file();
	file.segments[0].p_vaddr++;
	CHECK_TEXT(elf_check_segments(&elf, 4096, sizeof(file)),
		"a segment not aligned to pages of this size");
	file = good_file();
	file.segments[1].p_vaddr = BASE + sizeof(file) - 1;
	CHECK_TEXT(elf_check_segments(&elf, 4096, sizeof(file)),
		"segments that overlap or are out of order");
	file = good_file();
	file.segments[1].p_memsz = UINT64_MAX - BASE - 0x1000;
	CHECK_TEXT(
		elf_check_segments(&elf, 4096, sizeof(file)), "a segment that wraps around memory");
	file = good_file();
	file.segments[0].p_type = file.segments[1].p_type = PT_NOTE;
	CHECK_TEXT(elf_check_segments(&elf, 4096, sizeof(file)), "no segment to load");
}

TEST(a_dynamic_section_that_lies_is_refused)
{
	struct file file = good_file();
	struct elf elf;

	CHECK_OR_RETURN(!open_file(&file, &elf));
	file.entries[1].d_un.d_val = UINT64_MAX;
	CHECK_TEXT(elf_dynamic_open(&elf), "a dynamic string table outside the file");
	file = good_file();
	file.segments[2].p_filesz = UINT64_MAX - 1;
	CHECK_TEXT(elf_dynamic_open(&elf), "a dynamic section outside the file");
	CHECK(elf.dynamic_count == 0 && !elf_name(&elf, 0));
}

TEST(a_file_without_dynamic_section_or_interpreter_is_fine)
{
	struct file file = good_file();
	struct elf elf;

	file.segments[2].p_type = file.segments[3].p_type = PT_NULL;
	CHECK_OR_RETURN(!open_file(&file, &elf));
	CHECK(!elf_dynamic_open(&elf) && elf.dynamic_count == 0 && !elf_interpreter(&elf));
}

TEST(an_interpreter_without_end_is_none)
{
	struct file file = good_file();
	struct elf elf;

	file.segments[3].p_filesz = 7;
	CHECK_OR_RETURN(!open_file(&file, &elf));
	CHECK(!elf_interpreter(&elf));
	file.segments[3].p_offset = UINT64_MAX;
	CHECK(!elf_interpreter(&elf));
}
