/* SPDX-License-Identifier: MIT */
/* What execve does with a program and its interpreter, done in user space with the bundled ones. */
#include "launch.h"
#include "syscall.h"

/* The note at the end of the image (launch.ld): three words, "brun\0\0\0\0", the configuration. */
extern const uint32_t launch_note[] __attribute__((visibility("hidden")));

static void
open_stack(struct launch *launch, uint64_t *stack)
{
	char **at = (char **)(stack + 1 + stack[0] + 1);

	launch->stack = stack;
	launch->argv = (char **)(stack + 1);
	launch->environment = at;
	while (*at++) {
	}
	launch->auxiliary = (Elf64_auxv_t *)at;
	launch->page_size = auxv_get(launch, AT_PAGESZ);
	launch->is_secure = auxv_get(launch, AT_SECURE) != 0;
	launch->name = stack[0] > 0 ? launch->argv[0] : "brun launcher";
}

static void
read_config(struct launch *launch)
{
	enum { DESCRIPTION_SIZE = 1, DESCRIPTION = 5 };

	launch->config_data = (const char *)(launch_note + DESCRIPTION);
	const char *why =
		config_parse(launch->config_data, launch_note[DESCRIPTION_SIZE], &launch->config);
	if (why) {
		fail(launch, EXIT_REFUSED, "damaged launcher: ", why, NULL, 0);
	}
	/* A hard link to a set-id launcher can lie beside resources of anyone's making. */
	if (auxv_get(launch, AT_UID) != auxv_get(launch, AT_EUID) ||
		auxv_get(launch, AT_GID) != auxv_get(launch, AT_EGID)) {
		fail(launch, EXIT_REFUSED, "set-id programs are refused", NULL, NULL, 0);
	}
}

static void
open_interpreter(struct launch *launch, struct object *program, struct object *interpreter)
{
	interpreter->path = place_path(launch, launch->config.interpreter);
	long fd = sys_open(interpreter->path);
	/* RLIMIT_NOFILE may leave room for one: the program is opened again, when it is mapped. */
	if (fd == -EMFILE) {
		sys_close(program->fd);
		program->fd = -1;
		fd = sys_open(interpreter->path);
	}
	if (is_error(fd)) {
		fail(launch, EXIT_NOT_FOUND, interpreter->path, NULL, NULL, fd);
	}
	interpreter->fd = (int)fd;
	object_read(launch, interpreter, false);
}

static void
reopen(struct launch *launch, struct object *program)
{
	long fd = program->fd >= 0 ? program->fd : sys_open(program->path);

	if (is_error(fd)) {
		fail(launch, EXIT_REFUSED, program->path, NULL, NULL, fd);
	}
	program->fd = (int)fd;
}

/* The interpreter takes for granted that the kernel has done this (elf/dl-support.c). */
static void
allow_executable_stack(const struct launch *launch, const struct object *program)
{
	const Elf64_Phdr *segment = object_segment(program, PT_GNU_STACK);

	if (segment && (segment->p_flags & PF_X)) {
		syscall6(__NR_mprotect, (long)((uint64_t)launch->stack & -launch->page_size),
			(long)launch->page_size,
			PROT_READ | PROT_WRITE | PROT_EXEC | PROT_GROWSDOWN, 0, 0, 0);
	}
}

/* The four entries that differ from what the kernel wrote; everyone who asks the kernel is shown
 * the program's own headers, by which debuggers recognise the file. */
static void
set_auxiliary(struct launch *launch, const struct object *program, const struct object *interpreter)
{
	uint64_t headers = program->headers ? program->bias + program->headers : 0;
	uint64_t shown = headers;

	if (interpreter) {
		headers = (uint64_t)program->segments;
		if (!dynamic_set_debug(launch, program, interpreter) || shown == 0) {
			shown = headers;
		}
		dynamic_redirect(launch, program, interpreter);
	}
	auxv_set(launch, AT_PHNUM, program->elf.segment_count);
	auxv_set(launch, AT_ENTRY, program->bias + program->elf.header.e_entry);
	auxv_set(launch, AT_BASE, interpreter ? interpreter->bias : 0);
	auxv_set(launch, AT_PHDR, shown);
	auxv_tell_kernel(launch, program);
	auxv_set(launch, AT_PHDR, headers);
}

struct launch_result
launch_main(uint64_t *stack)
{
	struct launch launch = {0};
	struct object program = {0}, interpreter = {0};
	struct object *start = &program;

	open_stack(&launch, stack);
	read_config(&launch);
	place_find(&launch, &program);
	object_read(&launch, &program, true);
	if (launch.config.interpreter.length > 0) {
		start = &interpreter;
		open_interpreter(&launch, &program, &interpreter);
		object_map(&launch, &interpreter, 0);
	}
	reopen(&launch, &program);
	auxv_read_random(&launch);
	object_map(&launch, &program, auxv_random_base(&launch));
	set_auxiliary(&launch, &program, start == &interpreter ? &interpreter : NULL);
	allow_executable_stack(&launch, &program);
	uint64_t *new_stack = environment_apply(&launch, program.path);
	return (struct launch_result){start->bias + start->elf.header.e_entry, new_stack};
}
