/* SPDX-License-Identifier: MIT */
/* What execve does with a program and its interpreter, done in user space with the bundled ones. */
#include "launch.h"
#include "syscall.h"

/* The note at the end of the image (launch.ld): three words, "brun\0\0\0\0", the configuration. */
extern const uint32_t launch_note[] __attribute__((visibility("hidden")));

void
stack_open(struct launch *launch, uint64_t *stack)
{
	char **at = (char **)(stack + 1 + stack[0] + 1);

	launch->stack = stack;
	launch->environment = at;
	while (*at++) {
	}
	launch->auxiliary = (Elf64_auxv_t *)at;
}

static void
begin(struct launch *launch, uint64_t *stack)
{
	stack_open(launch, stack);
	launch->page_size = *auxv_at(launch, AT_PAGESZ);
	launch->is_secure = *auxv_at(launch, AT_SECURE) != 0;
	launch->name = (const char *)*auxv_at(launch, AT_EXECFN);
}

static void
read_config(struct launch *launch)
{
	enum { DESCRIPTION_SIZE = 1, DESCRIPTION = 5 };

	if (!config_view(
		    launch_note + DESCRIPTION, launch_note[DESCRIPTION_SIZE], &launch->config)) {
		fail(launch, EXIT_REFUSED, "damaged launcher", "", 0);
	}
	/* A hard link to a set-id launcher can lie beside resources of anyone's making. */
	for (uint64_t type = AT_UID; type <= AT_GID; type += AT_GID - AT_UID) {
		if (*auxv_at(launch, type) != *auxv_at(launch, type + AT_EUID - AT_UID)) {
			fail(launch, EXIT_REFUSED, "set-id refused", "", 0);
		}
	}
}

static void
map_interpreter(struct launch *launch, struct object *interpreter)
{
	long fd = sys_open(interpreter->path = path_of(launch, launch->config.interpreter));

	if (is_error(fd)) {
		fail(launch, EXIT_NOT_FOUND, interpreter->path, "", fd);
	}
	interpreter->fd = (int)fd;
	object_map(launch, interpreter, 0);
}

/* The interpreter takes for granted that the kernel has done this (elf/dl-support.c). */
static void
allow_executable_stack(const struct launch *launch, const struct object *program)
{
	const Elf64_Phdr *segment = object_segment(program, PT_GNU_STACK);

	if (segment && (segment->p_flags & PF_X)) {
		syscall4(__NR_mprotect, (long)((uint64_t)launch->stack & -launch->page_size),
			(long)launch->page_size,
			PROT_READ | PROT_WRITE | PROT_EXEC | PROT_GROWSDOWN, 0);
	}
}

/* Program and interpreter go to memory, the auxiliary vector is told; returns where to start. */
static uint64_t
map_all(struct launch *launch, struct object *program)
{
	struct object interpreter = {.written = UINT32_MAX};
	uint64_t entry, shown, headers;

	program->written = launch->config.head->written;
	auxv_read_random(launch);
	object_map(launch, program, auxv_random_base(launch));
	entry = *auxv_at(launch, AT_ENTRY) = program->bias + program->entry;
	headers = shown = program->headers ? program->bias + program->headers : 0;
	if (*launch->config.interpreter != '\0') {
		map_interpreter(launch, &interpreter);
		headers = (uint64_t)program->segments;
		if (!dynamic_redirect(launch, program, &interpreter) || shown == 0) {
			shown = headers;
		}
		entry = interpreter.bias + interpreter.entry;
	}
	/* With the entry, the four that differ from what the kernel wrote. Everyone who asks the
	 * kernel is shown the program's own headers, by which debuggers recognise the file. */
	*auxv_at(launch, AT_PHNUM) = (uint64_t)(program->segments_end - program->segments);
	*auxv_at(launch, AT_BASE) = interpreter.bias;
	*auxv_at(launch, AT_PHDR) = shown;
	auxv_tell_kernel(launch, program);
	*auxv_at(launch, AT_PHDR) = headers;
	allow_executable_stack(launch, program);
	return entry;
}

struct launch_result
launch_main(uint64_t *stack)
{
	struct launch launch = {0};
	struct object program = {0};
	uint64_t entry = 0;
	char self[PATH_SIZE];

	begin(&launch, stack);
	read_config(&launch);
	/* Those with operations move anyway. */
	if (launch.config.head->env_count > 0) {
		memory_begin(&launch);
	}
	place_find(&launch, self, &program);
	bool is_run = launch.config.head->kind == CONFIG_RUN;
	if (!is_run) {
		entry = map_all(&launch, &program);
	}
	stack = environment_apply(&launch, program.path);
	/* An interpreter that executes /proc/self/exe again means itself, not the script: it has a
	 * launcher of its own. */
	if (is_run) {
		fail(&launch, EXIT_REFUSED, program.path, "",
			syscall4(__NR_execve, (long)program.path, (long)(stack + 1),
				(long)(stack + stack[0] + 2), 0));
	}
	return (struct launch_result){entry, stack};
}
