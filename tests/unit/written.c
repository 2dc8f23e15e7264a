/* SPDX-License-Identifier: MIT */
/* Synthetic programs: one page of headers and tables, then the pages of a writable segment. */
#include "launcher/written.h"

#include "launcher/elf.h"

#include "test.h"

enum {
	PAGE = 0x1000,
	PAGES = 64,
	BASE = 0x400000,
	DATA = BASE + PAGE,
	DYNAMIC = 0x200,
	TABLE = 0x400
};

static _Alignas(8) unsigned char file[PAGE * (1 + PAGES)];
static size_t dynamic_count;

static Elf64_Phdr *
segments(void)
{
	return (Elf64_Phdr *)(file + sizeof(Elf64_Ehdr));
}

static void
make_program(uint16_t type)
{
	memset(file, 0, sizeof(file));
	dynamic_count = 0;
	*(Elf64_Ehdr *)file = (Elf64_Ehdr){
		.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
		.e_type = type,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 3,
	};
	segments()[0] = (Elf64_Phdr){.p_type = PT_LOAD,
		.p_flags = PF_R,
		.p_vaddr = BASE,
		.p_filesz = PAGE,
		.p_memsz = PAGE,
		.p_align = PAGE};
	segments()[1] = (Elf64_Phdr){.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W,
		.p_offset = PAGE,
		.p_vaddr = DATA,
		.p_filesz = PAGES * PAGE,
		.p_memsz = PAGES * PAGE,
		.p_align = PAGE};
	segments()[2] = (Elf64_Phdr){.p_type = PT_DYNAMIC,
		.p_flags = PF_R,
		.p_offset = DYNAMIC,
		.p_vaddr = BASE + DYNAMIC,
		.p_filesz = TABLE - DYNAMIC,
		.p_memsz = TABLE - DYNAMIC,
		.p_align = 8};
}

static void
put_dynamic(int64_t tag, uint64_t value)
{
	((Elf64_Dyn *)(file + DYNAMIC))[dynamic_count++] = (Elf64_Dyn){tag, {value}};
}

/* A relocation table under these tags, with an entry for each page from first on. */
static void
put_rela(int64_t place, int64_t length, size_t first, size_t count)
{
	Elf64_Rela *table = (Elf64_Rela *)(file + TABLE);

	for (size_t i = 0; i < count; i++) {
		table[i].r_offset = DATA + (first + i) * PAGE + 8 * i;
	}
	put_dynamic(place, BASE + TABLE);
	put_dynamic(length, count * sizeof(*table));
}

static uint32_t
pages_written(void)
{
	struct elf elf = {0};

	CHECK(!elf_open(file, sizeof(file), &elf));
	CHECK(!elf_dynamic_open(&elf));
	uint32_t length = written_at_start(&elf);
	CHECK(length % PAGE == 0);
	return length / PAGE;
}

TEST(pages_with_relocations_are_written_to)
{
	make_program(ET_DYN);
	CHECK(pages_written() == 0);
	put_rela(DT_RELA, DT_RELASZ, 0, 5);
	CHECK(pages_written() == 5);
	make_program(ET_DYN);
	put_rela(DT_JMPREL, DT_PLTRELSZ, 0, PAGES);
	CHECK(pages_written() == PAGES);
	make_program(ET_EXEC);
	put_rela(DT_RELA, DT_RELASZ, 0, 3);
	CHECK(pages_written() == 3);
}

/* An address, and bits for the 63 words behind it: a word of the second page, by its last bit. */
TEST(packed_relocations_are_unpacked)
{
	uint64_t *table = (uint64_t *)(file + TABLE);

	make_program(ET_DYN);
	table[0] = DATA + PAGE - 63 * 8;
	table[1] = 1ULL << 63 | 1;
	table[2] = 1ULL << 1 | 1;
	put_dynamic(DT_RELR, BASE + TABLE);
	put_dynamic(DT_RELRSZ, 2 * 8);
	CHECK(pages_written() == 2);
	table[1] = 1ULL << 62 | 1;
	CHECK(pages_written() == 1);
	/* the word behind those 63 */
	((Elf64_Dyn *)(file + DYNAMIC))[1].d_un.d_val = 3 * 8;
	CHECK(pages_written() == 2);
	table[2] = 1;
	CHECK(pages_written() == 1);
}

TEST(a_few_pages_between_may_be_spared)
{
	/* one in eight, and eight in all */
	make_program(ET_DYN);
	put_rela(DT_RELA, DT_RELASZ, 1, 7);
	CHECK(pages_written() == 0);
	make_program(ET_DYN);
	put_rela(DT_RELA, DT_RELASZ, 1, 8);
	CHECK(pages_written() == 9);
	make_program(ET_DYN);
	put_rela(DT_RELA, DT_RELASZ, 0, 60);
	((Elf64_Rela *)(file + TABLE))[40].r_offset = DATA;
	CHECK(pages_written() == 60);
	for (size_t i = 41; i < 49; i++) {
		((Elf64_Rela *)(file + TABLE))[i].r_offset = DATA;
	}
	CHECK(pages_written() == 40);
}

TEST(only_a_writable_last_segment_counts)
{
	make_program(ET_DYN);
	put_rela(DT_RELA, DT_RELASZ, 0, 5);
	segments()[1].p_flags = PF_R;
	CHECK(pages_written() == 0);
	segments()[1].p_flags = PF_R | PF_W;
	segments()[1].p_filesz = 0;
	CHECK(pages_written() == 0);
	segments()[1].p_filesz = PAGE + 16;
	CHECK(pages_written() == 2);
	/* more than the file has */
	segments()[1].p_filesz = UINT64_MAX / 2;
	CHECK(pages_written() == 0);
}

TEST(tables_that_lie_outside_of_the_file_say_nothing)
{
	make_program(ET_DYN);
	put_dynamic(DT_RELA, BASE + TABLE);
	put_dynamic(DT_RELASZ, sizeof(file));
	put_dynamic(DT_RELR, UINT64_MAX - 7);
	put_dynamic(DT_RELRSZ, 16);
	put_dynamic(DT_JMPREL, BASE);
	CHECK(pages_written() == 0);
	make_program(ET_DYN);
	put_rela(DT_RELA, DT_RELASZ, 0, 3);
	((Elf64_Rela *)(file + TABLE))[1].r_offset = UINT64_MAX;
	((Elf64_Rela *)(file + TABLE))[2].r_offset = DATA - 1;
	CHECK(pages_written() == 1);
}
