/* SPDX-License-Identifier: MIT */
/* Loading without starting: with LD_TRACE_LOADED_OBJECTS glibc's dynamic linker lists what it
 * loaded and ends; LD_WARN and LD_BIND_NOW make it resolve every symbol before that, as ldd -r has
 * it (ld.so(8), ldd(1)). Libraries of the output are modules that some program may open: what they
 * need and is not there is told, but is no problem of the whole; symbols may be the program's. */
#include "programs/verify.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "build/outcome.h"
#include "launcher/pack.h"
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
	json_t *inspection, *problems, *lacks;
	struct utsname machine;
	size_t program_count, loaded, modules;
};

static void
take_output(void *context, const char *data, size_t length)
{
	buf_add(context, data, length);
}

/* Runs a command in the empty root; env has what makes it load only. */
static int
load(const struct verify *verify, const char *const *argv, const char *const *env,
	struct buf *ret_printed, struct sandbox_result *ret_result, struct err *err)
{
	const struct sandbox_mount mounts[] = {
		{.kind = SANDBOX_BIND, .source = verify->path, .target = "/output"},
		{.kind = SANDBOX_PROC, .target = "/proc"},
		{.kind = SANDBOX_DEV, .target = "/dev"},
	};
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
add_problem(json_t *problems, const char *program, const char *what, size_t length)
{
	cleanup_free char *text = mem_printf("%s: %.*s", program, (int)length, what);
	json_t *value = json_string(text);

	json_array_append_new(
		problems, value ? value : json_string("a library or symbol whose name is no text"));
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

/* A line in which it complains, as a sentence. */
static void
add_complaint(json_t *problems, const char *id, const char *file, const char *line, size_t length)
{
	const char *arrow = memmem(line, length, " => not found", 13);

	if (!arrow) {
		add_problem(problems, file, line, length);
		return;
	}
	cleanup_free char *what =
		mem_printf("needs %.*s, looked for in brun-resources.d/%s/lib: not found",
			(int)(arrow - line), line, id);
	add_problem(problems, file, what, strlen(what));
}

/* The linker's lines that are complaints; one that it loads, "NAME => PATH (0xADDRESS)", is
 * none. */
static size_t
read_complaints(json_t *problems, const char *id, const char *file, const char *printed)
{
	size_t count = 0;

	for (const char *line = printed; *line;) {
		size_t length = strcspn(line, "\n");
		size_t blank = strspn(line, "\t ");
		if (!memmem(line, length, " (0x", 4) && is_complaint(line, length)) {
			add_complaint(problems, id, file, line + blank, length - blank);
			count++;
		}
		line += length + (line[length] == '\n');
	}
	return count;
}

/* What needs no library at all is "statically linked" to it. */
static bool
is_loaded(const struct sandbox_result *result, const char *printed)
{
	return result->outcome == SANDBOX_EXITED && result->exit_status == 0 &&
	       (strstr(printed, " (0x") || strstr(printed, "statically linked"));
}

static int
try_program(struct verify *verify, const char *id, const char *program, struct err *err)
{
	cleanup_free char *inside = mem_printf("/output/%s", program);
	const char *const argv[] = {inside, NULL};
	const char *const env[] = {
		"LD_TRACE_LOADED_OBJECTS=1", "LD_WARN=yes", "LD_BIND_NOW=yes", NULL};
	cleanup_buf struct buf printed = {0}, how = {0};
	struct sandbox_result result;

	if (load(verify, argv, env, &printed, &result, err) < 0) {
		return err_wrap(err, "loading '%s'", program);
	}
	const char *text = buf_text(&printed);
	if (read_complaints(verify->problems, id, program, text) > 0) {
		return 0;
	}
	if (!is_loaded(&result, text)) {
		outcome_describe(&result, &how);
		cleanup_free char *what = mem_printf("can't be loaded: %s%s%.*s", buf_text(&how),
			*text ? ": " : "", (int)strcspn(text, "\n"), text);
		add_problem(verify->problems, program, what, strlen(what));
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
is_loadable(const struct verify *verify, const json_t *bundle, const char *libc)
{
	return strcmp(libc, "glibc") == 0 &&
	       strcmp(text_of(bundle, "machine"), verify->machine.machine) == 0;
}

static const json_t *
bundle_of(const struct verify *verify, const json_t *program)
{
	return json_object_get(
		json_object_get(verify->inspection, "bundles"), text_of(program, "id"));
}

/* The name of the bundle's dynamic linker ("lib/ld-linux-x86-64.so.2"), or NULL. */
static const char *
linker_of(json_t *bundle)
{
	const char *name;
	json_t *file;

	json_object_foreach(json_object_get(bundle, "files"), name, file)
	{
		if (strncmp(name, "lib/ld-linux", 12) == 0) {
			return name;
		}
	}
	return NULL;
}

/* Has the linker of a bundle list what the library needs. */
static int
try_module(struct verify *verify, const char *id, const char *linker, const char *module,
	struct err *err)
{
	cleanup_free char *program = mem_printf("/output/brun-resources.d/%s/%s", id, linker);
	cleanup_free char *path = mem_printf("/output/brun-resources.d/%s/lib", id);
	cleanup_free char *inside = mem_printf("/output/%s", module);
	const char *const argv[] = {program, "--library-path", path, inside, NULL};
	const char *const env[] = {"LD_TRACE_LOADED_OBJECTS=1", NULL};
	cleanup_buf struct buf printed = {0};
	struct sandbox_result result;

	if (load(verify, argv, env, &printed, &result, err) < 0) {
		return err_wrap(err, "loading '%s'", module);
	}
	read_complaints(verify->lacks, id, module, buf_text(&printed));
	verify->modules++;
	return 0;
}

static int
try_modules(struct verify *verify, struct err *err)
{
	json_t *modules = json_object_get(verify->inspection, "modules"), *bundle, *module;
	const char *id;
	size_t i;

	json_object_foreach(json_object_get(verify->inspection, "bundles"), id, bundle)
	{
		const char *linker = linker_of(bundle);
		if (!linker || !is_loadable(verify, bundle, text_of(bundle, "libc"))) {
			continue;
		}
		json_array_foreach(modules, i, module)
		{
			const char *path = json_string_value(module);
			if (try_module(verify, id, linker, path, err) < 0) {
				return -1;
			}
		}
	}
	return 0;
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
		const char *id = text_of(program, "id"), *path = text_of(program, "path");
		if (is_loadable(verify, bundle_of(verify, program), text_of(program, "libc")) &&
			try_program(verify, id, path, err) < 0) {
			return -1;
		}
	}
	return try_modules(verify, err);
}

static void
add_lines(const json_t *array, struct buf *text)
{
	json_t *line;
	size_t i;

	json_array_foreach(array, i, line)
	{
		buf_printf(text, "%s\n", json_string_value(line));
	}
}

static void
print(const struct verify *verify, bool is_json, struct buf *text)
{
	if (is_json) {
		json_object_set_new(
			verify->inspection, "loaded", json_integer((json_int_t)verify->loaded));
		json_object_set(verify->inspection, "lacks", verify->lacks);
		json_object_set_new(verify->inspection, "modules_loaded",
			json_integer((json_int_t)verify->modules));
		cleanup_free char *dump =
			json_dumps(verify->inspection, JSON_SORT_KEYS | JSON_INDENT(1));
		buf_printf(text, "%s\n", dump ? dump : "{}");
		return;
	}
	add_lines(verify->problems, text);
	add_lines(verify->lacks, text);
	buf_printf(text, "%zu packed programs, %zu of them loaded with every symbol resolved\n",
		verify->program_count, verify->loaded);
	if (verify->modules > 0) {
		buf_printf(text,
			"%zu libraries of the output looked at, %zu need what is not there\n",
			verify->modules, json_array_size(verify->lacks));
	}
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
	struct verify verify = {.path = real ? real : path, .lacks = json_array()};

	uname(&verify.machine);
	int result = open_inspection(&verify, err) < 0 || try_all(&verify, err) < 0 ? -1 : 0;
	if (result == 0) {
		*ret_problems = json_array_size(verify.problems);
		print(&verify, is_json, ret_text);
	}
	json_decref(verify.inspection);
	json_decref(verify.lacks);
	return result;
}
