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

/* Bits from AT_RANDOM, whose first half becomes the stack's canary and whose second half the
 * pointer guard. Each half alone stays as unknown as it was to one who learns the result: for any
 * value of it, the other half makes every result equally likely. */
void
auxv_read_random(struct launch *launch)
{
	enum { ADDR_NO_RANDOMIZE = 0x0040000 };
	const void *bytes = (const void *)auxv_get(launch, AT_RANDOM);
	uint64_t halves[2];

	if (bytes && !(syscall6(__NR_personality, 0xffffffff, 0, 0, 0, 0, 0) & ADDR_NO_RANDOMIZE)) {
		__builtin_memcpy(halves, bytes, sizeof(halves));
		halves[0] *= 0x9e3779b97f4a7c15;
		halves[1] *= 0xbf58476d1ce4e5b9;
		launch->random = halves[0] >> 20 ^ halves[1] >> 16;
	}
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

	return base + launch->random % span;
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

void
auxv_tell_kernel(const struct launch *launch, const struct object *program)
{
	enum { HEAP_SPAN = 0x2000000 };
	uint64_t bias = program->bias;
	uint64_t heap =
		bias + program->high + (launch->random % HEAP_SPAN & ~(launch->page_size - 1));
	const Elf64_auxv_t *entry = launch->auxiliary;
	/* The strings lie in one piece: arguments, then environment (fs/exec.c). */
	const char *end = end_of(launch->argv, launch->environment[0]);

	while (entry++->a_type != AT_NULL) {
	}
	struct prctl_mm_map map = {
		.start_code = bias + program->code,
		.end_code = bias + program->code_end,
		.start_data = bias + program->data,
		.end_data = bias + program->data_end,
		.start_brk = heap,
		.brk = heap,
		.start_stack = (uint64_t)launch->stack,
		.arg_start = (uint64_t)(launch->argv[0] ? launch->argv[0] : end),
		.arg_end = (uint64_t)end,
		.env_start = (uint64_t)end,
		.env_end = (uint64_t)end_of(launch->environment, end),
		.auxv = (void *)launch->auxiliary,
		.auxv_size = (uint32_t)((const char *)entry - (const char *)launch->auxiliary),
		.exe_fd = UINT32_MAX,
	};
	/* Best effort: where the kernel refuses, the heap stays where it was. */
	syscall6(__NR_prctl, PR_SET_MM, PR_SET_MM_MAP, (long)&map, sizeof(map), 0, 0);
}
