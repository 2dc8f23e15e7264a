/* SPDX-License-Identifier: MIT */
/* Loading without starting: with LD_TRACE_LOADED_OBJECTS glibc's dynamic linker lists what it
 * loaded and ends; LD_WARN and LD_BIND_NOW make it resolve every symbol before that, as ldd -r has
 * it (ld.so(8), ldd(1)). */
#include "verify.h"

#include "../launcher/pack.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "outcome.h"
#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { LOAD_SECONDS = 60, LOAD_OUTPUT = 8 << 20 };

/* One directory on trial. */
struct verify {
	const char *path; /* no symlink */
	json_t *inspection, *problems;
	struct utsname machine;
	size_t program_count, loaded;
};

static void
take_output(void *context, const char *data, size_t length)
{
	buf_add(context, data, length);
}

/* Runs `program` (from the top) so that it is loaded only. */
static int
load(const struct verify *verify, const char *program, struct buf *ret_printed,
	struct sandbox_result *ret_result, struct err *err)
{
	cleanup_free char *inside = mem_printf("/output/%s", program);
	const struct sandbox_mount mounts[] = {
		{.kind = SANDBOX_BIND, .source = verify->path, .target = "/output"},
		{.kind = SANDBOX_PROC, .target = "/proc"},
		{.kind = SANDBOX_DEV, .target = "/dev"},
	};
	const char *const argv[] = {inside, NULL};
	const char *const env[] = {
		"LD_TRACE_LOADED_OBJECTS=1", "LD_WARN=yes", "LD_BIND_NOW=yes", NULL};
	const struct sandbox_spec spec = {
		.mounts = mounts,
		.mount_count = sizeof(mounts) / sizeof(*mounts),
		.argv = argv,
		.env = env,
		.cwd = "/",
		.limits = {.wall_seconds = LOAD_SECONDS, .log_bytes = LOAD_OUTPUT},
		.cancel_fd = -1,
		.output = take_output,
		.context = ret_printed,
	};

	return sandbox_run(&spec, ret_result, err);
}

static void
add_problem(const struct verify *verify, const char *program, const char *what, size_t length)
{
	cleanup_free char *text = mem_printf("%s: %.*s", program, (int)length, what);
	json_t *value = json_string(text);

	json_array_append_new(verify->problems,
		value ? value : json_string("a library or symbol whose name is no text"));
}

static bool
is_complaint(const char *line, size_t length)
{
	static const char *const signs[] = {"not found", "undefined symbol", "error"};

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		if (memmem(line, length, signs[i], strlen(signs[i]))) {
			return true;
		}
	}
	return false;
}

/* The linker's lines that are complaints; one that it loads, "NAME => PATH (0xADDRESS)", is none.
 */
static size_t
read_complaints(const struct verify *verify, const char *program, const char *printed)
{
	size_t count = 0;

	for (const char *line = printed; *line;) {
		size_t length = strcspn(line, "\n");
		size_t blank = strspn(line, "\t ");
		if (!memmem(line, length, " (0x", 4) && is_complaint(line, length)) {
			add_problem(verify, program, line + blank, length - blank);
			count++;
		}
		line += length + (line[length] == '\n');
	}
	return count;
}

static int
try_program(struct verify *verify, const char *program, struct err *err)
{
	cleanup_buf struct buf printed = {0}, how = {0};
	struct sandbox_result result;

	if (load(verify, program, &printed, &result, err) < 0) {
		return err_wrap(err, "loading '%s'", program);
	}
	const char *text = buf_text(&printed);
	if (read_complaints(verify, program, text) > 0) {
		return 0;
	}
	if (result.outcome != SANDBOX_EXITED || result.exit_status != 0 || !strstr(text, " (0x")) {
		outcome_describe(&result, &how);
		cleanup_free char *what = mem_printf("can't be loaded: %s%s%.*s", buf_text(&how),
			*text ? ": " : "", (int)strcspn(text, "\n"), text);
		add_problem(verify, program, what, strlen(what));
		return 0;
	}
	verify->loaded++;
	return 0;
}

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static bool
is_loadable(const struct verify *verify, const json_t *program)
{
	const json_t *bundle = json_object_get(
		json_object_get(verify->inspection, "bundles"), text_of(program, "id"));

	return strcmp(text_of(program, "libc"), "glibc") == 0 &&
	       strcmp(text_of(bundle, "machine"), verify->machine.machine) == 0;
}

static int
try_all(struct verify *verify, struct err *err)
{
	json_t *programs = json_object_get(verify->inspection, "programs"), *program;
	size_t i;

	verify->program_count = json_array_size(programs);
	if (json_array_size(verify->problems) > 0) {
		return 0;
	}
	json_array_foreach(programs, i, program)
	{
		if (is_loadable(verify, program) &&
			try_program(verify, text_of(program, "path"), err) < 0) {
			return -1;
		}
	}
	return 0;
}

static void
print(const struct verify *verify, bool is_json, struct buf *text)
{
	json_t *problem;
	size_t i;

	if (is_json) {
		json_object_set_new(
			verify->inspection, "loaded", json_integer((json_int_t)verify->loaded));
		cleanup_free char *dump =
			json_dumps(verify->inspection, JSON_SORT_KEYS | JSON_INDENT(1));
		buf_printf(text, "%s\n", dump ? dump : "{}");
		return;
	}
	json_array_foreach(verify->problems, i, problem)
	{
		buf_printf(text, "%s\n", json_string_value(problem));
	}
	buf_printf(text, "%zu packed programs, %zu of them loaded with every symbol resolved\n",
		verify->program_count, verify->loaded);
}

static int
open_inspection(struct verify *verify, struct err *err)
{
	cleanup_buf struct buf text = {0};
	struct stat st;

	if (stat(verify->path, &st) == 0 && !S_ISDIR(st.st_mode)) {
		return err_fail(err, STATUS_USAGE,
			"'%s' is no directory: --verify takes a packed one", verify->path);
	}
	if (pack_inspect(verify->path, true, &text, err) < 0) {
		return -1;
	}
	verify->inspection = json_loadb(text.data, text.length, 0, NULL);
	verify->problems = json_object_get(verify->inspection, "problems");
	return verify->problems ? 0 : err_set(err, 0, "the inspection can't be read");
}

int
verify_output(
	const char *path, bool is_json, struct buf *ret_text, size_t *ret_problems, struct err *err)
{
	cleanup_free char *real = realpath(path, NULL);
	struct verify verify = {.path = real ? real : path};

	uname(&verify.machine);
	int result = open_inspection(&verify, err) < 0 || try_all(&verify, err) < 0 ? -1 : 0;
	if (result == 0) {
		*ret_problems = json_array_size(verify.problems);
		print(&verify, is_json, ret_text);
	}
	json_decref(verify.inspection);
	return result;
}
