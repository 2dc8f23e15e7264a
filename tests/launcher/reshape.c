/* SPDX-License-Identifier: MIT */
/* reshape FILE: a program as no linker makes it. Its program headers lie at the file's end, a
 * hundred of them; one more segment has nothing in the file and a hole before it; ET_EXEC loses
 * PT_PHDR. */
#include <elf.h>
#include <stdio.h>
#include <string.h>

enum { COUNT = 100, HOLE = 0x10000, PAGE = 0x1000 };

int
main(int argc, char **argv)
{
	FILE *file = fopen(argc == 2 ? argv[1] : "", "r+");
	Elf64_Ehdr header;
	Elf64_Phdr segments[COUNT];
	int last = 0;

	memset(segments, 0, sizeof(segments));
	if (!file || fread(&header, sizeof(header), 1, file) != 1 ||
		fseek(file, (long)header.e_phoff, SEEK_SET) != 0 ||
		fread(segments, sizeof(*segments), header.e_phnum, file) != header.e_phnum) {
		return 1;
	}
	for (int i = 0; i < header.e_phnum; i++) {
		last = segments[i].p_type == PT_LOAD ? i : last;
		if (segments[i].p_type == PT_PHDR && header.e_type == ET_EXEC) {
			segments[i].p_type = PT_NULL;
		}
	}
	segments[COUNT - 1] = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W,
		.p_vaddr = ((segments[last].p_vaddr + segments[last].p_memsz) & -(Elf64_Addr)PAGE) +
			   HOLE + 8,
		.p_memsz = 3 * PAGE,
		.p_align = PAGE,
	};
	fseek(file, 0, SEEK_END);
	header.e_phoff = (Elf64_Off)ftell(file);
	header.e_phnum = COUNT;
	if (fwrite(segments, sizeof(*segments), COUNT, file) != COUNT) {
		return 1;
	}
	rewind(file);
	return fwrite(&header, sizeof(header), 1, file) != 1 || fclose(file) != 0;
}
