/* SPDX-License-Identifier: MIT */
#include "launch.h"
#include "syscall.h"

void
memory_begin(struct launch *launch)
{
	launch->end = (char *)(auxv_at(launch, AT_NULL) + 1);
	launch->free = launch->end - LAUNCH_MEMORY;
	stack_shift(launch, launch->end, -LAUNCH_MEMORY / (long)sizeof(*launch->stack));
	stack_open(launch, launch->stack);
}

void *
memory_take(struct launch *launch, size_t size)
{
	enum { CHUNK = 0x10000, ALIGN = 16 };

	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (size > (size_t)(launch->end - launch->free)) {
		size_t chunk = (size + CHUNK - 1) & ~(size_t)(CHUNK - 1);
		long address = sys_map(
			0, chunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (is_error(address)) {
			fail(launch, EXIT_REFUSED, "no memory", "", address);
		}
		launch->free = (char *)address;
		launch->end = launch->free + chunk;
	}
	void *taken = launch->free;
	launch->free += size;
	return taken;
}

char *
text_join(struct launch *launch, const char *first, const char *second, const char *third)
{
	char *text = memory_take(
		launch, text_length(first) + text_length(second) + text_length(third) + 1);

	text_put(text_put(text_put(text, first), second), third);
	return text;
}

char *
path_of(struct launch *launch, const char *path)
{
	return text_join(launch, launch->root, "/", path);
}
