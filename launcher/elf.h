/* SPDX-License-Identifier: MIT */
/* A bounded view of an ELF file (gABI; x86-64 and AArch64 psABI). No libc. Nothing in the file is
 * trusted: each getter checks before it reads. */
#ifndef BRUN_ELF_H
#define BRUN_ELF_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file in memory, or as much of its start as was read. size bounds every access. */
struct elf {
	const unsigned char *data;
	uint64_t size;
	Elf64_Ehdr header;
	uint16_t segment_count;
	/* dynamic section, when elf_dynamic_open found one */
	uint64_t dynamic_offset, dynamic_count; /* in entries, up to DT_NULL or the end */
	uint64_t strings_offset, strings_size;
};

/* Opens a 64-bit little-endian ELF of this machine (EM_X86_64 or EM_AARCH64 in ret->header) and
 * checks header and program header table. NULL when it is good, else a sentence. */
const char *elf_open(const void *data, uint64_t size, struct elf *ret_elf);

/* Segment i < segment_count, by value (the table need not be aligned). */
Elf64_Phdr elf_segment(const struct elf *elf, uint16_t i);

/* Checks what mapping relies on: PT_LOADs ascending and not overlapping, filesz <= memsz, offset
 * and address congruent modulo the page size, no wrap-around, all file ranges inside file_size, at
 * least one. NULL or a sentence. */
const char *elf_check_segments(const struct elf *elf, uint64_t page_size, uint64_t file_size);

/* The file offset of `length` bytes at virtual address `address`; false when no PT_LOAD has them
 * all in the file. */
bool elf_offset(const struct elf *elf, uint64_t address, uint64_t length, uint64_t *ret_offset);

/* Finds PT_DYNAMIC and its string table; a file without one is fine (dynamic_count 0). */
const char *elf_dynamic_open(struct elf *elf);
Elf64_Dyn elf_dynamic(const struct elf *elf, uint64_t i);

/* The value of the first dynamic entry with that tag; false when there is none. */
bool elf_dynamic_value(const struct elf *elf, int64_t tag, uint64_t *ret_value);

/* A string of the dynamic string table; NULL where it is not inside it or longer than 64 KiB, so
 * that many references to one endless string cost little. */
const char *elf_name(const struct elf *elf, uint64_t offset);

/* The string that the first dynamic entry with that tag names, or NULL. */
const char *elf_dynamic_text(const struct elf *elf, int64_t tag);

/* The interpreter's path as PT_INTERP names it, or NULL. */
const char *elf_interpreter(const struct elf *elf);

#endif
