/* SPDX-License-Identifier: MIT */
#include "written.h"

#include "base/mem.h"
#include "elf.h"

#include <stdbool.h>
#include <string.h>

enum { PAGE = 4096, WORD = 8 };

/* What may be copied for nothing: so many pages, and one in so many. */
enum { SPARE_PAGES = 8, SPARE_PART = 8 };

/* The part of the writable segment that comes from the file, and its pages. */
struct data {
	uint64_t start, end; /* addresses */
	size_t count;
	bool *is_written; /* for each page */
};

static void
mark(struct data *data, uint64_t address)
{
	if (address >= data->start && address < data->end) {
		data->is_written[address / PAGE - data->start / PAGE] = true;
	}
}

static bool
find_data(const struct elf *elf, struct data *data)
{
	bool is_writable = false;
	uint64_t offset;

	*data = (struct data){0};
	for (uint16_t i = 0; i < elf->segment_count; i++) {
		Elf64_Phdr segment = elf_segment(elf, i);
		if (segment.p_type == PT_LOAD) {
			data->start = segment.p_vaddr;
			data->end = segment.p_vaddr + segment.p_filesz;
			is_writable = segment.p_flags & PF_W;
		}
	}
	if (!is_writable || data->end == data->start ||
		!elf_offset(elf, data->start, data->end - data->start, &offset)) {
		return false;
	}
	data->count = (data->end - 1) / PAGE - data->start / PAGE + 1;
	data->is_written = mem_zalloc(data->count, sizeof(*data->is_written));
	return true;
}

/* The table that two dynamic entries tell the place and the size of; its size in bytes, or 0. */
static uint64_t
find_table(const struct elf *elf, int64_t place, int64_t length, const unsigned char **ret_table)
{
	uint64_t address, size, offset;

	if (!elf_dynamic_value(elf, place, &address) || !elf_dynamic_value(elf, length, &size) ||
		!elf_offset(elf, address, size, &offset)) {
		return 0;
	}
	*ret_table = elf->data + offset;
	return size;
}

static void
mark_rela(const struct elf *elf, struct data *data, int64_t place, int64_t length)
{
	const unsigned char *table = NULL;
	uint64_t size = find_table(elf, place, length, &table);

	for (uint64_t at = 0; at + sizeof(Elf64_Rela) <= size; at += sizeof(Elf64_Rela)) {
		Elf64_Rela entry;
		memcpy(&entry, table + at, sizeof(entry));
		mark(data, entry.r_offset);
	}
}

/* gABI, "Relative Relocations": an address, then bits for the 63 words behind each word before. */
static void
mark_relr(const struct elf *elf, struct data *data)
{
	enum { BITS = 63 };
	const unsigned char *table = NULL;
	uint64_t size = find_table(elf, DT_RELR, DT_RELRSZ, &table), address = 0;

	for (uint64_t at = 0; at + WORD <= size; at += WORD) {
		uint64_t entry;
		memcpy(&entry, table + at, sizeof(entry));
		if (!(entry & 1)) {
			mark(data, entry);
			address = entry + WORD;
			continue;
		}
		for (uint64_t i = 0; i < BITS; i++) {
			if (entry >> (i + 1) & 1) {
				mark(data, address + i * WORD);
			}
		}
		address += BITS * WORD;
	}
}

uint32_t
written_at_start(const struct elf *elf)
{
	struct data data;
	size_t spare = 0, length = 0;

	if (!find_data(elf, &data)) {
		return 0;
	}
	cleanup_free bool *is_written = data.is_written;
	mark_rela(elf, &data, DT_RELA, DT_RELASZ);
	mark_rela(elf, &data, DT_JMPREL, DT_PLTRELSZ);
	mark_relr(elf, &data);
	for (size_t i = 0; i < data.count && spare <= SPARE_PAGES; i++) {
		spare += !is_written[i];
		if (is_written[i] && spare <= i / SPARE_PART) {
			length = i + 1;
		}
	}
	return (uint32_t)(length <= UINT32_MAX / PAGE ? length * PAGE : 0);
}
