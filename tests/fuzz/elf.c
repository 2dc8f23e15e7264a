/* SPDX-License-Identifier: MIT */
#include "launcher/elf.h"

#include <stddef.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t seen;

/* What the packer does with any file that it finds: all getters over all they offer. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf elf;
	uint64_t offset;

	if (elf_open(data, size, &elf)) {
		return 0;
	}
	const char *interpreter = elf_interpreter(&elf);
	seen += interpreter ? strlen(interpreter) : 0;
	for (uint16_t i = 0; i < elf.segment_count; i++) {
		Elf64_Phdr segment = elf_segment(&elf, i);
		if (elf_offset(&elf, segment.p_vaddr, segment.p_memsz, &offset) &&
			segment.p_memsz > 0) {
			seen += data[offset] + data[offset + segment.p_memsz - 1];
		}
	}
	/* What passes for mappable must keep its promises. */
	if (!elf_check_segments(&elf, 4096, size)) {
		for (uint16_t i = 0; i < elf.segment_count; i++) {
			Elf64_Phdr segment = elf_segment(&elf, i);
			if (segment.p_type == PT_LOAD && segment.p_filesz > 0) {
				seen += data[segment.p_offset + segment.p_filesz - 1];
			}
		}
	}
	if (elf_dynamic_open(&elf)) {
		return 0;
	}
	for (uint64_t i = 0; i < elf.dynamic_count; i++) {
		const char *text = elf_name(&elf, elf_dynamic(&elf, i).d_un.d_val);
		seen += text ? strlen(text) : 0;
	}
	return 0;
}
