/* SPDX-License-Identifier: MIT */
/* libFuzzer's mutator for the packer's target: bytes at random hardly ever make an ELF file that is
 * wrong in one thing only. This one finds the first headers of the input's files and turns one
 * field of a table into a value that another field makes plausible; one time in three it leaves
 * the input to libFuzzer's own. */
#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

/* One file of the input on the table. */
struct patient {
	uint8_t *data;
	size_t size;
	uint64_t state; /* of the random numbers */
};

/* xorshift64* */
static uint64_t
any(struct patient *patient, uint64_t below)
{
	patient->state ^= patient->state >> 12;
	patient->state ^= patient->state << 25;
	patient->state ^= patient->state >> 27;
	return below ? patient->state * 0x2545f4914f6cdd1dULL % below : 0;
}

static bool
get(const struct patient *patient, uint64_t offset, void *to, size_t length)
{
	if (offset > patient->size || patient->size - offset < length) {
		return false;
	}
	memcpy(to, patient->data + offset, length);
	return true;
}

static void
put(struct patient *patient, uint64_t offset, const void *from, size_t length)
{
	if (offset <= patient->size && patient->size - offset >= length) {
		memcpy(patient->data + offset, from, length);
	}
}

static uint64_t
plausible(struct patient *patient, uint64_t old)
{
	const uint64_t values[] = {0, 1, old + 1, old - 1, old + 8, old - 8, old ^ 0x1000, old * 2,
		patient->size, patient->size - 1, patient->size + 1, 0xfff, 0x1000, 0x10000,
		UINT32_MAX, INT32_MAX, UINT64_MAX, UINT64_MAX - 0xfff, 1ULL << 63,
		any(patient, patient->size + 1), old + (1ULL << any(patient, 64))};

	return values[any(patient, sizeof(values) / sizeof(*values))];
}

/* A field of `width` bytes gets a value near to what it was, or near to a limit. */
static void
change_field(struct patient *patient, uint64_t offset, size_t width)
{
	uint64_t value = 0;

	if (get(patient, offset, &value, width)) {
		value = plausible(patient, value);
		put(patient, offset, &value, width);
	}
}

static void
change_header(struct patient *patient)
{
	static const struct {
		uint8_t offset, width;
	} fields[] = {{offsetof(Elf64_Ehdr, e_type), 2}, {offsetof(Elf64_Ehdr, e_machine), 2},
		{offsetof(Elf64_Ehdr, e_entry), 8}, {offsetof(Elf64_Ehdr, e_phoff), 8},
		{offsetof(Elf64_Ehdr, e_shoff), 8}, {offsetof(Elf64_Ehdr, e_phentsize), 2},
		{offsetof(Elf64_Ehdr, e_phnum), 2}, {offsetof(Elf64_Ehdr, e_shnum), 2}};
	size_t i = any(patient, sizeof(fields) / sizeof(*fields));

	change_field(patient, fields[i].offset, fields[i].width);
}

static bool
segment(struct patient *patient, const Elf64_Ehdr *header, size_t i, Elf64_Phdr *ret,
	uint64_t *ret_at)
{
	*ret_at = header->e_phoff + i * sizeof(Elf64_Phdr);
	return i < header->e_phnum && get(patient, *ret_at, ret, sizeof(*ret));
}

static void
change_segment(struct patient *patient, const Elf64_Ehdr *header)
{
	static const uint32_t types[] = {PT_NULL, PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_NOTE, PT_PHDR,
		PT_TLS, PT_GNU_STACK, PT_GNU_RELRO};
	Elf64_Phdr one, other;
	uint64_t at, there;

	if (!segment(patient, header, any(patient, header->e_phnum), &one, &at)) {
		return;
	}
	switch (any(patient, 4)) {
	case 0:
		one.p_type = types[any(patient, sizeof(types) / sizeof(*types))];
		break;
	case 1: /* it lies where another one does */
		if (segment(patient, header, any(patient, header->e_phnum), &other, &there)) {
			one.p_offset = other.p_offset;
			one.p_vaddr = other.p_vaddr;
		}
		break;
	case 2:
		one.p_flags ^= 1U << any(patient, 3);
		break;
	default: /* offset, address, sizes, alignment: all of 8 bytes */
		change_field(patient, at + 8 + 8 * any(patient, 6), 8);
		return;
	}
	put(patient, at, &one, sizeof(one));
}

/* A dynamic entry becomes another one's kind, or refers to something else. */
static void
change_dynamic(struct patient *patient, uint64_t table, uint64_t size)
{
	static const int64_t tags[] = {DT_NULL, DT_NEEDED, DT_SONAME, DT_RPATH, DT_RUNPATH,
		DT_STRTAB, DT_STRSZ, DT_SYMTAB, DT_HASH, DT_GNU_HASH, DT_VERNEED, DT_VERNEEDNUM,
		DT_VERDEF, DT_VERDEFNUM, DT_VERSYM, DT_DEBUG, DT_FLAGS_1, DT_AUXILIARY, DT_FILTER};
	uint64_t at = table + any(patient, size / sizeof(Elf64_Dyn)) * sizeof(Elf64_Dyn);
	Elf64_Dyn one, other;

	if (!get(patient, at, &one, sizeof(one))) {
		return;
	}
	if (any(patient, 3) == 0) {
		one.d_tag = tags[any(patient, sizeof(tags) / sizeof(*tags))];
		put(patient, at, &one, sizeof(one));
		return;
	}
	uint64_t from = table + any(patient, size / sizeof(Elf64_Dyn)) * sizeof(Elf64_Dyn);
	if (any(patient, 3) == 0 && get(patient, from, &other, sizeof(other))) {
		one.d_un.d_val = other.d_un.d_val;
		put(patient, at, &one, sizeof(one));
		return;
	}
	change_field(patient, at + 8, 8);
}

/* What a dynamic entry leads to (hash tables, symbols, versions, strings) gets odd numbers or text;
 * addresses are offsets in files as small as these. */
static void
change_referred(struct patient *patient, uint64_t table, uint64_t size)
{
	static const char *const texts[] = {
		"$ORIGIN", "/brun/lib", "::", "../", "lib.so", "${LIB}", "/"};
	Elf64_Dyn one;
	uint64_t at = table + any(patient, size / sizeof(Elf64_Dyn)) * sizeof(Elf64_Dyn);

	if (!get(patient, at, &one, sizeof(one))) {
		return;
	}
	if (one.d_tag == DT_STRTAB || any(patient, 4) == 0) {
		const char *text = texts[any(patient, sizeof(texts) / sizeof(*texts))];
		put(patient, one.d_un.d_ptr + any(patient, 256), text, strlen(text));
		return;
	}
	change_field(patient, one.d_un.d_ptr + 2 * any(patient, 32), any(patient, 2) ? 2 : 4);
}

static bool
find_dynamic(struct patient *patient, const Elf64_Ehdr *header, Elf64_Phdr *ret_segment)
{
	uint64_t at;

	for (size_t i = 0; i < header->e_phnum && i < 64; i++) {
		if (segment(patient, header, i, ret_segment, &at) &&
			ret_segment->p_type == PT_DYNAMIC) {
			return true;
		}
	}
	return false;
}

static void
mutate(struct patient *patient)
{
	Elf64_Ehdr header;
	Elf64_Phdr dynamic;

	if (!get(patient, 0, &header, sizeof(header))) {
		return;
	}
	bool has_dynamic = find_dynamic(patient, &header, &dynamic);
	switch (any(patient, has_dynamic ? 6 : 2)) {
	case 0:
		change_header(patient);
		return;
	case 1:
		change_segment(patient, &header);
		return;
	case 2:
	case 3:
		change_dynamic(patient, dynamic.p_offset, dynamic.p_filesz);
		return;
	default:
		change_referred(patient, dynamic.p_offset, dynamic.p_filesz);
	}
}

/* The ELF file that starts behind `from` next, up to the input's end. */
static uint8_t *
next_elf(uint8_t *from, size_t size)
{
	return size > 0 ? memmem(from, size, ELFMAG, SELFMAG) : NULL;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	struct patient patient = {NULL, 0, seed | 1ULL << 32};
	size_t files = 0;

	any(&patient, 1);
	for (uint8_t *at = data; (at = next_elf(at, size - (size_t)(at - data))) != NULL; at++) {
		/* each has the same chance to be the last that was chosen */
		if (any(&patient, ++files) == 0) {
			patient.data = at;
			patient.size = size - (size_t)(at - data);
		}
	}
	if (!patient.data || any(&patient, 3) == 0) {
		return LLVMFuzzerMutate(data, size, max_size);
	}
	for (uint64_t times = 1 + any(&patient, 3); times > 0; times--) {
		mutate(&patient);
	}
	return size;
}
