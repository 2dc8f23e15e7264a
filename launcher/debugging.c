/* SPDX-License-Identifier: MIT */
/* gdb takes /proc/PID/exe, which is the launcher, for the program. Given the real one it finds all
 * else by itself, for the auxiliary vector that the kernel shows is the program's from the moment
 * of the launcher's PR_SET_MM_MAP on (launch/auxv.c): that is where a run waits for breakpoints.
 * strace, perf and valgrind go by what is mapped and need nothing. */
#include "debugging.h"

#include "base/arena.h"
#include "base/mem.h"
#include "describe.h"
#include "paths.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Words that mean the same to a shell, inside its single quotes and to gdb's own splitting. */
static bool
is_plain(const char *path)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._+-=@%:,~";

	return path[strspn(path, plain)] == '\0';
}

/* The file that the launcher at this path starts; heap, NULL when there is none, or when it is
 * another launcher (CONFIG_RUN). */
static char *
find_program(const char *path, const json_t *launcher)
{
	const char *program = json_string_value(json_object_get(launcher, "program"));
	const char *interpreter = json_string_value(json_object_get(launcher, "interpreter"));
	const char *script = json_string_value(json_object_get(launcher, "script"));
	const char *up = json_string_value(json_object_get(launcher, "up"));
	struct arena arena = {0};
	char *result = NULL;

	bool is_run = script && *script && (!interpreter || !*interpreter);
	if (program && !is_run) {
		const char *inside = arena_printf(
			&arena, "%s/%s/%s", path_dir(&arena, path), up ? up : "", program);
		result = realpath(inside, NULL);
	}
	arena_done(&arena);
	return result;
}

void
debugging_describe(const char *path, json_t *launcher)
{
	cleanup_free char *real = realpath(path, NULL);
	cleanup_free char *program = real ? find_program(real, launcher) : NULL;

	if (!program || !is_plain(program) || !is_plain(real)) {
		return;
	}
	cleanup_free char *run = mem_printf("gdb -ex 'catch syscall prctl' -ex run -ex continue"
					    " -ex 'file %s' -ex delete --args %s",
		program, real);
	cleanup_free char *attach = mem_printf("gdb %s -p PID", program);
	cleanup_free char *core = mem_printf("gdb %s CORE", program);
	json_t *debugging = json_object();
	json_object_set_new(debugging, "run", describe_text(run));
	json_object_set_new(debugging, "attach", describe_text(attach));
	json_object_set_new(debugging, "core", describe_text(core));
	json_object_set_new(launcher, "debugging", debugging);
}
