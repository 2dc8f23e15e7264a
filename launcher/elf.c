/* SPDX-License-Identifier: MIT */
#include "elf.h"

enum { NAME_LIMIT = 64 * 1024 };

/* Offsets and lengths come from the file: the sum is never formed before it is known to fit. */
static bool
is_inside(uint64_t offset, uint64_t length, uint64_t size)
{
	return offset <= size && length <= size - offset;
}

static const char *
check_identity(const Elf64_Ehdr *header)
{
	if (__builtin_memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
		return "not an ELF file";
	}
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB) {
		return "not 64-bit little-endian ELF";
	}
	if (header->e_ident[EI_VERSION] != EV_CURRENT) {
		return "not ELF version 1";
	}
	if (header->e_machine != EM_X86_64 && header->e_machine != EM_AARCH64) {
		return "not for x86-64 or AArch64";
	}
	return NULL;
}

const char *
elf_open(const void *data, uint64_t size, struct elf *ret_elf)
{
	struct elf elf = {.data = data, .size = size};

	if (size < sizeof(elf.header)) {
		return "cut off in the ELF header";
	}
	__builtin_memcpy(&elf.header, data, sizeof(elf.header));
	const char *why = check_identity(&elf.header);
	if (why) {
		return why;
	}
	/* PN_XNUM would move the count into section 0; the kernel does not follow it either. */
	if (elf.header.e_phnum == PN_XNUM) {
		return "too many program headers";
	}
	if (elf.header.e_phnum > 0 && elf.header.e_phentsize != sizeof(Elf64_Phdr)) {
		return "program headers of an unknown size";
	}
	if (!is_inside(elf.header.e_phoff, elf.header.e_phnum * sizeof(Elf64_Phdr), size)) {
		return "program headers outside the file";
	}
	elf.segment_count = elf.header.e_phnum;
	*ret_elf = elf;
	return NULL;
}

Elf64_Phdr
elf_segment(const struct elf *elf, uint16_t i)
{
	Elf64_Phdr segment;

	__builtin_memcpy(
		&segment, elf->data + elf->header.e_phoff + i * sizeof(segment), sizeof(segment));
	return segment;
}

static const char *
check_segment(const Elf64_Phdr *segment, uint64_t page_size, uint64_t file_size)
{
	if (segment->p_filesz > segment->p_memsz) {
		return "a segment larger in the file than in memory";
	}
	if (!is_inside(segment->p_offset, segment->p_filesz, file_size)) {
		return "a segment behind the file's end (is it cut off?)";
	}
	/* One page is kept free, so that rounding up to a page cannot wrap either. */
	if (!is_inside(segment->p_vaddr, segment->p_memsz, UINT64_MAX - page_size)) {
		return "a segment that wraps around memory";
	}
	if (segment->p_filesz > 0 && (segment->p_offset - segment->p_vaddr) % page_size != 0) {
		return "a segment not aligned to pages of this size";
	}
	return NULL;
}

const char *
elf_check_segments(const struct elf *elf, uint64_t page_size, uint64_t file_size)
{
	uint64_t end = 0;
	bool has_load = false;

	for (uint16_t i = 0; i < elf->segment_count; i++) {
		Elf64_Phdr segment = elf_segment(elf, i);
		if (segment.p_type != PT_LOAD) {
			continue;
		}
		const char *why = check_segment(&segment, page_size, file_size);
		if (why) {
			return why;
		}
		if (has_load && segment.p_vaddr < end) {
			return "segments that overlap or are out of order";
		}
		end = segment.p_vaddr + segment.p_memsz;
		has_load = true;
	}
	return has_load ? NULL : "no segment to load";
}

bool
elf_offset(const struct elf *elf, uint64_t address, uint64_t length, uint64_t *ret_offset)
{
	for (uint16_t i = 0; i < elf->segment_count; i++) {
		Elf64_Phdr segment = elf_segment(elf, i);
		if (segment.p_type != PT_LOAD || address < segment.p_vaddr ||
			!is_inside(address - segment.p_vaddr, length, segment.p_filesz)) {
			continue;
		}
		uint64_t offset = address - segment.p_vaddr;
		if (!is_inside(segment.p_offset, segment.p_filesz, elf->size)) {
			return false;
		}
		*ret_offset = segment.p_offset + offset;
		return true;
	}
	return false;
}

Elf64_Dyn
elf_dynamic(const struct elf *elf, uint64_t i)
{
	Elf64_Dyn entry;

	__builtin_memcpy(
		&entry, elf->data + elf->dynamic_offset + i * sizeof(entry), sizeof(entry));
	return entry;
}

/* Reads the entries up to DT_NULL: their number, and where the string table lies. */
static const char *
scan_dynamic(struct elf *elf, uint64_t room)
{
	uint64_t strings = 0, strings_size = 0;
	bool has_strings = false;

	for (elf->dynamic_count = 0; elf->dynamic_count < room; elf->dynamic_count++) {
		Elf64_Dyn entry = elf_dynamic(elf, elf->dynamic_count);
		if (entry.d_tag == DT_NULL) {
			break;
		}
		if (entry.d_tag == DT_STRTAB) {
			strings = entry.d_un.d_ptr;
			has_strings = true;
		} else if (entry.d_tag == DT_STRSZ) {
			strings_size = entry.d_un.d_val;
		}
	}
	if (has_strings && !elf_offset(elf, strings, strings_size, &elf->strings_offset)) {
		return "a dynamic string table outside the file";
	}
	elf->strings_size = has_strings ? strings_size : 0;
	return NULL;
}

const char *
elf_dynamic_open(struct elf *elf)
{
	elf->dynamic_offset = elf->dynamic_count = 0;
	elf->strings_offset = elf->strings_size = 0;
	for (uint16_t i = 0; i < elf->segment_count; i++) {
		Elf64_Phdr segment = elf_segment(elf, i);
		if (segment.p_type != PT_DYNAMIC) {
			continue;
		}
		/* The loader goes by the address, never by p_offset. */
		if (!elf_offset(elf, segment.p_vaddr, segment.p_filesz, &elf->dynamic_offset)) {
			return "a dynamic section outside the file";
		}
		return scan_dynamic(elf, segment.p_filesz / sizeof(Elf64_Dyn));
	}
	return NULL;
}

/* The string that starts at offset, when a NUL ends it before `end`; both are inside the file. */
static const char *
string_at(const struct elf *elf, uint64_t offset, uint64_t end)
{
	for (uint64_t i = offset; i < end; i++) {
		if (elf->data[i] == '\0') {
			return (const char *)elf->data + offset;
		}
	}
	return NULL;
}

const char *
elf_name(const struct elf *elf, uint64_t offset)
{
	if (offset >= elf->strings_size) {
		return NULL;
	}
	uint64_t room = elf->strings_size - offset, at = elf->strings_offset + offset;

	return string_at(elf, at, at + (room < NAME_LIMIT ? room : NAME_LIMIT));
}

bool
elf_dynamic_value(const struct elf *elf, int64_t tag, uint64_t *ret_value)
{
	for (uint64_t i = 0; i < elf->dynamic_count; i++) {
		Elf64_Dyn entry = elf_dynamic(elf, i);
		if (entry.d_tag == tag) {
			*ret_value = entry.d_un.d_val;
			return true;
		}
	}
	return false;
}

const char *
elf_dynamic_text(const struct elf *elf, int64_t tag)
{
	uint64_t offset;

	return elf_dynamic_value(elf, tag, &offset) ? elf_name(elf, offset) : NULL;
}

const char *
elf_interpreter(const struct elf *elf)
{
	for (uint16_t i = 0; i < elf->segment_count; i++) {
		Elf64_Phdr segment = elf_segment(elf, i);
		if (segment.p_type == PT_INTERP) {
			return is_inside(segment.p_offset, segment.p_filesz, elf->size)
				       ? string_at(elf, segment.p_offset,
						 segment.p_offset + segment.p_filesz)
				       : NULL;
		}
	}
	return NULL;
}
