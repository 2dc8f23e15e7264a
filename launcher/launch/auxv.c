/* SPDX-License-Identifier: MIT */
#include "launch.h"
#include "syscall.h"

#include <linux/prctl.h>

uint64_t *
auxv_at(struct launch *launch, uint64_t type)
{
	Elf64_auxv_t *entry = launch->auxiliary;

	while (entry->a_type != AT_NULL && entry->a_type != type) {
		entry++;
	}
	return &entry->a_un.a_val;
}

/* Where the stack would end if nothing moved it (arch/x86/include/asm/page_64_types.h,
 * arch/arm64/include/asm/processor.h). */
static uint64_t
stack_top(const struct launch *launch)
{
	uint64_t space = 1ULL << (64 - __builtin_clzll((uint64_t)launch->stack));

#if defined(__x86_64__)
	space -= launch->page_size;
#endif
	return space;
}

/* Does the kernel vary addresses? The name that it was given is the first that it puts there, below
 * a word of zeros (fs/exec.c). */
static bool
is_random(struct launch *launch)
{
	const char *name = (const char *)*auxv_at(launch, AT_EXECFN);

	return (uint64_t)name + text_length(name) + 1 + sizeof(void *) != stack_top(launch);
}

/* Bits from AT_RANDOM, whose first half becomes the stack's canary and whose second half the
 * pointer guard. Each half alone stays as unknown as it was to one who learns the result: for any
 * value of it, the other half makes every result equally likely. */
void
auxv_read_random(struct launch *launch)
{
	const void *bytes = (const void *)*auxv_at(launch, AT_RANDOM);
	uint64_t halves[2];

	if (bytes && is_random(launch)) {
		__builtin_memcpy(halves, bytes, sizeof(halves));
		halves[0] *= 0x9e3779b97f4a7c15;
		halves[1] *= 0xbf58476d1ce4e5b9;
		launch->random = halves[0] >> 20 ^ halves[1] >> 16;
	}
}

/* arch/x86/include/asm/elf.h and arch/arm64/include/asm/elf.h: two thirds of the address space. */
static uint64_t
dyn_base(const struct launch *launch)
{
#if defined(__x86_64__)
	return stack_top(launch) / 3 * 2;
#else
	return 2 * stack_top(launch) / 3;
#endif
}

uint64_t
auxv_random_base(const struct launch *launch)
{
	/* The span of the kernel's default mmap_rnd_bits, kept small against the space. */
	uint64_t base = dyn_base(launch), span = base >> 6;

	return base + launch->random % span;
}

/* The strings lie in one piece: arguments, then environment, then the name (fs/exec.c). */
void
auxv_tell_kernel(struct launch *launch, const struct object *program)
{
	enum { HEAP_SPAN = 0x2000000 };
	uint64_t bias = program->bias, *stack = launch->stack;
	uint64_t heap = bias + program->high + (launch->random % HEAP_SPAN & -launch->page_size);
	uint64_t end = *auxv_at(launch, AT_EXECFN), environment = (uint64_t)launch->environment[0];

	environment = environment > 0 ? environment : end;
	struct prctl_mm_map map = {
		.start_code = bias + program->code,
		.end_code = bias + program->code_end,
		.start_data = bias + program->data,
		.end_data = bias + program->data_end,
		.start_brk = heap,
		.brk = heap,
		.start_stack = (uint64_t)stack,
		.arg_start = stack[1] > 0 ? stack[1] : environment,
		.arg_end = environment,
		.env_start = environment,
		.env_end = end,
		.auxv = (void *)launch->auxiliary,
		.auxv_size = (uint32_t)((char *)(auxv_at(launch, AT_NULL) + 1) -
					(char *)launch->auxiliary),
		.exe_fd = UINT32_MAX,
	};
	/* Best effort: where the kernel refuses, the heap stays where it was. */
	syscall6(__NR_prctl, PR_SET_MM, PR_SET_MM_MAP, (long)&map, sizeof(map), 0, 0);
}
