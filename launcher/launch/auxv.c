/* SPDX-License-Identifier: MIT */
#include "launch.h"
#include "syscall.h"

#include <linux/prctl.h>

static Elf64_auxv_t *
find(const struct launch *launch, uint64_t type)
{
	Elf64_auxv_t *entry = launch->auxiliary;

	while (entry->a_type != AT_NULL && entry->a_type != type) {
		entry++;
	}
	return entry->a_type == type ? entry : NULL;
}

uint64_t
auxv_get(const struct launch *launch, uint64_t type)
{
	const Elf64_auxv_t *entry = find(launch, type);

	return entry ? entry->a_un.a_val : 0;
}

void
auxv_set(struct launch *launch, uint64_t type, uint64_t value)
{
	Elf64_auxv_t *entry = find(launch, type);

	if (entry) {
		entry->a_un.a_val = value;
	}
}

static bool
is_random_off(void)
{
	enum { ADDR_NO_RANDOMIZE = 0x0040000 };
	long personality = syscall6(SYS_personality, 0xffffffff, 0, 0, 0, 0, 0);

	return !is_error(personality) && (personality & ADDR_NO_RANDOMIZE);
}

/* Bits from AT_RANDOM, whose first half becomes the stack's canary and whose second half the
 * pointer guard. Each half alone stays as unknown as it was to one who learns the result: for any
 * value of it, the other half makes every result equally likely. */
static uint64_t
random_bits(const struct launch *launch)
{
	const void *bytes = (const void *)auxv_get(launch, AT_RANDOM);
	uint64_t halves[2];

	if (!bytes) {
		return 0;
	}
	__builtin_memcpy(halves, bytes, sizeof(halves));
	halves[0] = (halves[0] ^ halves[0] >> 29) * 0x9e3779b97f4a7c15;
	halves[1] = (halves[1] ^ halves[1] >> 31) * 0xbf58476d1ce4e5b9;
	return halves[0] ^ (halves[1] << 32 | halves[1] >> 32);
}

/* arch/x86/include/asm/elf.h and arch/arm64/include/asm/elf.h: two thirds of the address space. How
 * large that is shows in where the stack is. */
static uint64_t
dyn_base(const struct launch *launch)
{
	uint64_t space = 1ULL << (64 - __builtin_clzll((uint64_t)launch->stack));

#if defined(__x86_64__)
	space -= launch->page_size;
	return space / 3 * 2;
#else
	return 2 * space / 3;
#endif
}

uint64_t
auxv_random_base(const struct launch *launch)
{
	/* The span of the kernel's default mmap_rnd_bits, kept small against the space. */
	uint64_t base = dyn_base(launch), span = base >> 6;

	span = 1ULL << (63 - __builtin_clzll(span));
	if (!is_random_off()) {
		base += random_bits(launch) & (span - 1);
	}
	return base;
}

static const char *
end_of(char *const *strings, const char *otherwise)
{
	if (!*strings) {
		return otherwise;
	}
	while (strings[1]) {
		strings++;
	}
	return *strings + text_length(*strings) + 1;
}

/* As load_elf_binary adds them up. */
static void
measure(const struct launch *launch, const struct object *program, struct prctl_mm_map *map)
{
	map->start_code = UINT64_MAX;
	for (uint16_t i = 0; i < program->elf.segment_count; i++) {
		Elf64_Phdr segment = elf_segment(&program->elf, i);
		uint64_t start = program->bias + segment.p_vaddr;
		uint64_t end = start + segment.p_filesz;
		if (segment.p_type != PT_LOAD) {
			continue;
		}
		if (segment.p_flags & PF_X) {
			map->start_code = start < map->start_code ? start : map->start_code;
			map->end_code = end;
		}
		map->start_data = start;
		map->end_data = end;
	}
	map->start_brk = program->bias + program->high;
	if (!is_random_off()) {
		enum { SPAN = 0x02000000 };
		map->start_brk += (random_bits(launch) >> 31) % SPAN & ~(launch->page_size - 1);
	}
	map->brk = map->start_brk;
}

void
auxv_tell_kernel(const struct launch *launch, const struct object *program)
{
	struct prctl_mm_map map = {
		.start_stack = (uint64_t)launch->stack,
		.arg_start = (uint64_t)launch->argv[0],
		.exe_fd = UINT32_MAX,
		.auxv = (void *)launch->auxiliary,
	};
	const Elf64_auxv_t *entry = launch->auxiliary;

	while (entry++->a_type != AT_NULL) {
	}
	map.auxv_size = (uint32_t)((const char *)entry - (const char *)launch->auxiliary);
	/* The strings lie in one piece: arguments, then environment (fs/exec.c). */
	const char *end = end_of(launch->argv, launch->environment[0]);
	map.arg_end = map.env_start = (uint64_t)end;
	map.env_end = (uint64_t)end_of(launch->environment, end);
	if (!launch->argv[0]) {
		map.arg_start = map.arg_end;
	}
	measure(launch, program, &map);
	/* Best effort: where the kernel refuses, the heap stays where it was. */
	syscall6(SYS_prctl, PR_SET_MM, PR_SET_MM_MAP, (long)&map, sizeof(map), 0, 0);
}
