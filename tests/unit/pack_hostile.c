/* SPDX-License-Identifier: MIT */
/* Files that are made to keep the packer busy: what it looks at is bounded. */
#include "launcher/candidates.h"
#include "launcher/classify.h"
#include "launcher/sources.h"

#include "base/buf.h"
#include "elf_maker.h"

#include "test.h"

static bool
count(void *context, const char *name)
{
	size_t *counts = context;

	counts[strcmp(name, "libtwice.so.1") == 0]++;
	return true;
}

TEST(a_name_is_told_once_and_endless_names_come_to_an_end)
{
	cleanup_buf struct buf text = {0};
	size_t counts[2] = {0};

	buf_putc(&text, '\0');
	for (int i = 0; i < 100; i++) {
		buf_add(&text, "libtwice.so.1", 14);
	}
	struct file file = {.data = (unsigned char *)text.data, .size = text.length};
	CHECK(candidates_each(&file, count, counts) && counts[0] == 0 && counts[1] == 1);
	for (int i = 0; i < 100000; i++) {
		buf_printf(&text, "lib%d.so", i);
		buf_putc(&text, '\0');
	}
	file = (struct file){.data = (unsigned char *)text.data, .size = text.length};
	CHECK(!candidates_each(&file, count, counts) && counts[0] < 5000);
}

TEST(more_program_headers_than_the_kernel_takes_make_no_program)
{
	static const struct elf_recipe recipe = {.is_program = true, .interpreter = "/lib/ld"};
	cleanup_buf struct buf file = {0};
	struct elf elf;
	const char *why = NULL;

	elf_make(&recipe, &file);
	Elf64_Ehdr header;
	memcpy(&header, file.data, sizeof(header));
	CHECK(file_classify(file.data, file.length, &elf, &why) == FILE_DYNAMIC_PROGRAM);
	header.e_phoff = file.length;
	header.e_phnum = 2000;
	memcpy(file.data, &header, sizeof(header));
	for (int i = 0; i < 2000; i++) {
		static const Elf64_Phdr none = {.p_type = PT_NULL};
		buf_add(&file, (const char *)&none, sizeof(none));
	}
	CHECK(file_classify(file.data, file.length, &elf, &why) == FILE_OTHER);
	CHECK_TEXT(why, "more program headers than the kernel takes");
}
