/* SPDX-License-Identifier: MIT */
/* The launcher itself: hostile configurations, programs and interpreters. The input: eight bytes
 * that choose what there is, the configuration's length (2 bytes) and the program's (2), then the
 * three one behind the other. */
#include "../launcher/kernel.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const arguments[] = {"started", "one", "two", NULL};
static const char *const variables[] = {"PATH=/bin", "A=1", "A=2", "EMPTY=", "odd", "=", NULL};
static const char *const opens[] = {"pi", "npi", "nnpi", "n", "a", "pa", "ipi", "npn", "lpi",
	"lnpi", "ppi", "nlpi", "ln", "lpa", "api", "lpn"};
static const char *const names[] = {
	"bin/started", "/out/bin/started", "/out/./bin/../started", "/a:b/started"};
static const char *const selves[] = {
	"/out/bin/started", "/started", "/a/b/c/d (deleted)", "/$ORIGIN/x:y/bin/started"};

static volatile uint64_t seen;

static void
insist(bool is_so)
{
	if (!is_so) {
		__builtin_trap();
	}
}

/* What the program is given: all of it must be there. */
static void
check_stack(const struct kernel *kernel)
{
	const uint64_t *at = kernel->result.stack, *end = kernel->stack + kernel->stack_words;

	insist((uint64_t)at % 16 == 0 && at >= kernel->stack && at + *at + 2 < end);
	for (uint64_t i = 1; i <= *at; i++) {
		seen += strlen((const char *)at[i]);
	}
	at += *at + 1;
	insist(*at++ == 0);
	for (; at < end && *at != 0; at++) {
		seen += strlen((const char *)*at);
	}
	for (at++; at < end && at[0] != AT_NULL; at += 2) {
		insist(at[0] <= AT_EXECFN || at[0] == AT_SYSINFO_EHDR);
	}
	insist(at < end);
}

/* The copies that the interpreter reads, and every string of them that is the launcher's. The
 * program is the first file mapped, from this offset on. */
static void
check_dynamic(const struct kernel *kernel, uint64_t start)
{
	const struct kernel_map *map = kernel->maps;
	const Elf64_Phdr *segment = (const Elf64_Phdr *)kernel_auxiliary(kernel, AT_PHDR);
	const Elf64_Phdr *end = segment + kernel_auxiliary(kernel, AT_PHNUM);
	Elf64_Ehdr header;
	uint64_t strings = 0;

	while (map->file < 0) {
		map++;
	}
	memcpy(&header, (const char *)kernel->files[map->file].data + start, sizeof(header));
	uint64_t bias = kernel_auxiliary(kernel, AT_ENTRY) - header.e_entry;
	while (segment < end && segment->p_type != PT_DYNAMIC) {
		segment++;
	}
	insist(segment < end && segment->p_filesz % sizeof(Elf64_Dyn) == 0);
	const Elf64_Dyn *entry = (const Elf64_Dyn *)(bias + segment->p_vaddr);
	for (const Elf64_Dyn *at = entry; at->d_tag != DT_NULL; at++) {
		strings = at->d_tag == DT_STRTAB ? bias + at->d_un.d_ptr : strings;
	}
	for (; entry->d_tag != DT_NULL; entry++) {
		if (entry->d_tag == DT_RPATH) {
			seen += strlen((const char *)(strings + entry->d_un.d_val));
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { CHOICES = 8, HEAD = CHOICES + 4 };
	static uint8_t config[UINT16_MAX + 1];
	uint16_t lengths[2];

	if (size < HEAD) {
		return 0;
	}
	memcpy(lengths, data + CHOICES, sizeof(lengths));
	if (lengths[0] > size - HEAD || lengths[1] > size - HEAD - lengths[0]) {
		return 0;
	}
	const uint8_t *program = data + HEAD + lengths[0], *interpreter = program + lengths[1];
	struct kernel kernel = {
		.files = {{program, lengths[1]},
			{interpreter, (size_t)(data + size - interpreter)}},
		.opens = opens[data[0] % 16],
		.name = names[data[4] / 4 % 4],
		.self = data[1] & 1 ? NULL : selves[data[1] / 2 % 4],
		.link = data[2] % 4 == 0   ? "../x"
			: data[2] % 4 == 1 ? "/y/z"
					   : NULL,
		.page_size = 4096UL << data[3] % 5,
		.is_secure = data[4] & 1,
		.argv = arguments + data[5] % 4,
		.environment = variables + data[6] % 7,
	};
	memcpy(config, data + HEAD, lengths[0]);
	/* The size is right more often than by chance. */
	if (data[7] % 8 != 0 && lengths[0] >= sizeof(struct config_head)) {
		((struct config_head *)config)->size = lengths[0];
	}
	kernel_start(&kernel, config, lengths[0]);
	if (kernel.status < 0) {
		check_stack(&kernel);
		if (kernel_auxiliary(&kernel, AT_BASE) != 0) {
			const struct config_head *head = (const struct config_head *)config;
			check_dynamic(&kernel, head->payload_size > 0 ? head->payload_offset : 0);
		}
	} else {
		insist(kernel.status == EXIT_REFUSED || kernel.status == EXIT_NOT_FOUND);
		insist(strchr(kernel.message, ':'));
	}
	kernel_done(&kernel);
	return 0;
}
