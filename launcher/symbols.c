/* SPDX-License-Identifier: MIT */
#include "symbols.h"

#include "elf.h"
#include "versions.h"

#include <string.h>

enum { IMPORTS_MAX = 1 << 20 };

static bool
read_at(const struct elf *elf, uint64_t address, void *ret, size_t size)
{
	uint64_t offset;

	if (!elf_offset(elf, address, size, &offset)) {
		return false;
	}
	memcpy(ret, elf->data + offset, size);
	return true;
}

/* So many bytes of the file are mapped from an address on, without a gap, by one segment. */
static uint64_t
room_at(const struct elf *elf, uint64_t address)
{
	for (uint16_t i = 0; i < elf->segment_count; i++) {
		Elf64_Phdr segment = elf_segment(elf, i);
		if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
			address - segment.p_vaddr < segment.p_filesz) {
			return segment.p_filesz - (address - segment.p_vaddr);
		}
	}
	return 0;
}

/* The chain of the highest bucket ends with the last symbol (glibc, elf/dl-lookup.c). */
static bool
count_by_gnu_hash(const struct elf *elf, uint64_t address, uint64_t *ret_count)
{
	struct {
		uint32_t buckets, first, bloom, shift;
	} header;
	uint64_t offset, highest = 0;

	if (!read_at(elf, address, &header, sizeof(header))) {
		return false;
	}
	uint64_t buckets = address + sizeof(header) + 8 * (uint64_t)header.bloom;
	uint64_t chains = buckets + 4 * (uint64_t)header.buckets;
	if (!elf_offset(elf, buckets, 4 * (uint64_t)header.buckets, &offset)) {
		return false;
	}
	for (uint32_t i = 0; i < header.buckets; i++) {
		uint32_t bucket;
		memcpy(&bucket, elf->data + offset + 4 * (uint64_t)i, 4);
		highest = bucket > highest ? bucket : highest;
	}
	if (highest < header.first) {
		*ret_count = header.first;
		return true;
	}
	uint64_t chain = chains + 4 * (highest - header.first), room = room_at(elf, chain);
	if (room < 4 || !elf_offset(elf, chain, room, &offset)) {
		return false;
	}
	for (uint32_t hash = 0; !(hash & 1); highest++, offset += 4, room -= 4) {
		if (room < 4) {
			return false;
		}
		memcpy(&hash, elf->data + offset, 4);
	}
	*ret_count = highest;
	return true;
}

/* By DT_HASH or DT_GNU_HASH; false where neither says so. */
static bool
symbols_count(const struct elf *elf, uint64_t *ret_count)
{
	uint64_t address;
	uint32_t hash[2];

	if (elf_dynamic_value(elf, DT_HASH, &address) &&
		read_at(elf, address, hash, sizeof(hash))) {
		*ret_count = hash[1];
		return true;
	}
	return elf_dynamic_value(elf, DT_GNU_HASH, &address) &&
	       count_by_gnu_hash(elf, address, ret_count);
}

/* The table as an array inside the file; false where there is none. */
static bool
symbols_table(const struct elf *elf, uint64_t *ret_offset, uint64_t *ret_count)
{
	uint64_t address;

	return elf_dynamic_value(elf, DT_SYMTAB, &address) && symbols_count(elf, ret_count) &&
	       *ret_count < UINT32_MAX &&
	       elf_offset(elf, address, *ret_count * sizeof(Elf64_Sym), ret_offset);
}

static Elf64_Sym
symbol_at(const struct elf *elf, uint64_t offset, uint64_t i)
{
	Elf64_Sym symbol;

	memcpy(&symbol, elf->data + offset + i * sizeof(symbol), sizeof(symbol));
	return symbol;
}

static bool
is_called(const struct elf *elf, const Elf64_Sym *symbol, const char *wanted)
{
	size_t length = strlen(wanted) + 1;

	return symbol->st_name < elf->strings_size &&
	       length <= elf->strings_size - symbol->st_name &&
	       memcmp(elf->data + elf->strings_offset + symbol->st_name, wanted, length) == 0;
}

bool
symbols_imports(const struct elf *elf, const char *const *names)
{
	uint64_t offset, count;

	if (!symbols_table(elf, &offset, &count)) {
		return false;
	}
	for (uint64_t i = 0; i < count && i < IMPORTS_MAX; i++) {
		Elf64_Sym symbol = symbol_at(elf, offset, i);
		for (const char *const *wanted = names; symbol.st_shndx == SHN_UNDEF && *wanted;
			wanted++) {
			if (is_called(elf, &symbol, *wanted)) {
				return true;
			}
		}
	}
	return false;
}

uint64_t
symbols_debug_address(const struct elf *elf)
{
	uint64_t offset, count;

	if (!symbols_table(elf, &offset, &count)) {
		return 0;
	}
	for (uint64_t i = 0; i < count; i++) {
		Elf64_Sym symbol = symbol_at(elf, offset, i);
		if (symbol.st_shndx != SHN_UNDEF && is_called(elf, &symbol, "_r_debug")) {
			/* The launcher lets a program point there. */
			return symbol.st_value % 8 == 0 ? symbol.st_value : 0;
		}
	}
	return 0;
}

/* A range of the string table, and how often something was seen to refer into it. */
struct range {
	const struct elf *elf;
	uint64_t start, end;
	unsigned hits;
};

static void
range_see(struct range *range, uint64_t offset)
{
	range->hits += offset >= range->start && offset < range->end;
}

static bool
see_version(void *context, const char *library, const char *version, bool is_weak)
{
	struct range *range = context;
	const char *strings = (const char *)range->elf->data + range->elf->strings_offset;

	(void)is_weak;
	range_see(range, (uint64_t)(version - strings));
	if (library) {
		range_see(range, (uint64_t)(library - strings));
	}
	return true;
}

static void
see_dynamic(struct range *range)
{
	static const int64_t tags[] = {DT_NEEDED, DT_SONAME, DT_RPATH, DT_RUNPATH, DT_CONFIG,
		DT_DEPAUDIT, DT_AUDIT, DT_AUXILIARY, DT_FILTER};

	for (uint64_t i = 0; i < range->elf->dynamic_count; i++) {
		Elf64_Dyn entry = elf_dynamic(range->elf, i);
		for (size_t k = 0; k < sizeof(tags) / sizeof(*tags); k++) {
			if (entry.d_tag == tags[k]) {
				range_see(range, entry.d_un.d_val);
			}
		}
	}
}

bool
symbols_shares_string(const struct elf *elf, uint64_t offset, uint64_t length)
{
	/* The linker merges a string into the tail of a longer one: the NUL counts, too. */
	struct range range = {elf, offset, offset + length + 1, 0};
	uint64_t table, count;

	if (!symbols_table(elf, &table, &count)) {
		return true;
	}
	for (uint64_t i = 0; i < count; i++) {
		range_see(&range, symbol_at(elf, table, i).st_name);
	}
	see_dynamic(&range);
	versions_needed(elf, see_version, &range);
	versions_defined(elf, see_version, &range);
	return range.hits != 1;
}
