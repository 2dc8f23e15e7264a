/* SPDX-License-Identifier: MIT */
#include "plan/plan_body.h"

#include "base/arena.h"
#include "base/fs.h"
#include "base/sha256.h"
#include "plan/plan.h"
#include "plan/runtime.h"

#include <jansson.h>
#include <string.h>

static int
read_digest(const struct plan_reader *reader, const char *field, struct digest *ret_digest)
{
	const char *hex = NULL;

	if (plan_text(reader, field, true, &hex) < 0) {
		return -1;
	}
	if (!digest_parse(hex, ret_digest)) {
		return plan_complain(
			reader, field, "expected 64 lower-case hex digits, got '%s'", hex);
	}
	return 0;
}

/* A clean relative path; "." only where may_be_top. */
static int
read_path(
	const struct plan_reader *reader, const char *field, bool may_be_top, const char **ret_path)
{
	const char *path = NULL;

	if (plan_text(reader, field, true, &path) < 0) {
		return -1;
	}
	if (!fs_is_clean_relative(path) && !(may_be_top && strcmp(path, ".") == 0)) {
		return plan_complain(reader, field, "'%s' is not a clean relative path", path);
	}
	*ret_path = path;
	return 0;
}

static int
read_globs(const struct plan_reader *reader, const char *field, size_t least,
	const char *const **ret_globs)
{
	if (plan_texts(reader, field, least, ret_globs) < 0) {
		return -1;
	}
	for (const char *const *glob = *ret_globs; *glob; glob++) {
		if (!fs_is_clean_relative(*glob)) {
			return plan_complain(
				reader, field, "'%s' is not a clean relative pattern", *glob);
		}
	}
	return 0;
}

static int
fetch_body(const struct plan_reader *reader, struct action *action)
{
	static const char *const schemes[] = {"https://", "http://", "file://", "mirror://"};

	if (plan_texts(reader, "urls", 1, &action->fetch.urls) < 0 ||
		read_digest(reader, "sha256", &action->fetch.sha256) < 0) {
		return -1;
	}
	for (const char *const *url = action->fetch.urls; *url; url++) {
		bool is_known = false;
		for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
			is_known |= strncmp(*url, schemes[i], strlen(schemes[i])) == 0;
		}
		if (!is_known) {
			return plan_complain(reader, "urls",
				"'%s' is not an https, http, file or mirror address", *url);
		}
	}
	return 0;
}

static int
unpack_body(const struct plan_reader *reader, struct action *action)
{
	uint64_t strip = 0;

	if (plan_number(reader, "strip", 255, &strip) < 0 ||
		plan_text(reader, "single", false, &action->unpack.single) < 0) {
		return -1;
	}
	const char *single = action->unpack.single;
	if (single && (!fs_is_clean_relative(single) || strchr(single, '/'))) {
		return plan_complain(reader, "single", "'%s' is not a file name", single);
	}
	action->unpack.strip = (unsigned)strip;
	return 0;
}

static int
glob_body(const struct plan_reader *reader, struct action *action)
{
	const char *from = NULL;

	if (plan_text(reader, "from", true, &from) < 0 ||
		read_path(reader, "dir", true, &action->glob.dir) < 0 ||
		read_globs(reader, "patterns", 1, &action->glob.patterns) < 0) {
		return -1;
	}
	action->glob.from_library = strcmp(from, "library") == 0;
	if (!action->glob.from_library && strcmp(from, "recipe") != 0) {
		return plan_complain(
			reader, "from", "expected 'recipe' or 'library', got '%s'", from);
	}
	return 0;
}

static int
file_body(const struct plan_reader *reader, struct action *action)
{
	if (read_path(reader, "path", false, &action->file.path) < 0 ||
		plan_text(reader, "text", false, &action->file.text) < 0 ||
		plan_text(reader, "link", false, &action->file.link) < 0 ||
		plan_flag(reader, "executable", &action->file.is_executable) < 0) {
		return -1;
	}
	if (!action->file.text == !action->file.link) {
		return plan_complain(reader, NULL, "expected either 'text' or 'link'");
	}
	if (action->file.link && *action->file.link == '\0') {
		return plan_complain(reader, "link", "a symlink's target cannot be empty");
	}
	if (action->file.link && action->file.is_executable) {
		return plan_complain(reader, "executable", "a symlink has no mode");
	}
	action->file.text_length = action->file.text ? strlen(action->file.text) : 0;
	return 0;
}

static int
filter_body(const struct plan_reader *reader, struct action *action)
{
	return read_globs(reader, "include", 0, &action->filter.include) < 0
		       ? -1
		       : read_globs(reader, "exclude", 0, &action->filter.exclude);
}

static int
read_limits(const struct plan_reader *reader, struct step_limits *ret_limits)
{
	static const char *const known[] = {
		"time", "silence", "memory", "disk", "log", "processes", NULL};
	struct plan_reader inner = *reader;

	inner.object = json_object_get(reader->object, "limits");
	inner.place = arena_printf(reader->arena, "%s, limits", reader->place);
	if (!inner.object) {
		return 0;
	}
	if (plan_known(&inner, known) < 0 ||
		plan_number(&inner, "time", INT32_MAX, &ret_limits->wall_seconds) < 0 ||
		plan_number(&inner, "silence", INT32_MAX, &ret_limits->silence_seconds) < 0 ||
		plan_number(&inner, "memory", INT64_MAX, &ret_limits->memory_bytes) < 0 ||
		plan_number(&inner, "disk", INT64_MAX, &ret_limits->disk_bytes) < 0 ||
		plan_number(&inner, "processes", INT32_MAX, &ret_limits->processes) < 0) {
		return -1;
	}
	return plan_number(&inner, "log", INT64_MAX, &ret_limits->log_bytes);
}

static int
run_body(const struct plan_reader *reader, struct action *action)
{
	if (plan_texts(reader, "script", 1, &action->run.script) < 0 ||
		plan_env(reader, "env", &action->run.env, &action->run.env_count) < 0 ||
		plan_flag(reader, "network", &action->run.network) < 0 ||
		read_limits(reader, &action->run.limits) < 0) {
		return -1;
	}
	if (json_object_get(reader->object, "output")) {
		struct digest *output = arena_alloc(reader->arena, 1, sizeof(*output));
		if (read_digest(reader, "output", output) < 0) {
			return -1;
		}
		action->run.output = output;
	}
	if (action->run.network && !action->run.output) {
		return plan_complain(reader, "network",
			"a step with network must declare the hash of its output ('output')");
	}
	return 0;
}

static int
read_verb(const struct plan_reader *reader, struct runtime_env *env)
{
	static const char *const verbs[] = {
		[ENV_DEFAULT] = "default",
		[ENV_SET] = "set",
		[ENV_PREPEND] = "prepend",
		[ENV_APPEND] = "append",
		[ENV_UNSET] = "unset",
	};
	const char *verb = NULL;

	if (plan_text(reader, "verb", true, &verb) < 0) {
		return -1;
	}
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strcmp(verb, verbs[i]) == 0) {
			env->verb = (enum runtime_env_verb)i;
			return 0;
		}
	}
	return plan_complain(
		reader, "verb", "expected default, set, prepend, append or unset, got '%s'", verb);
}

static int
read_runtime_env(const struct plan_reader *reader, struct runtime_env *env)
{
	static const char *const known[] = {"verb", "name", "value", "separator", NULL};

	if (plan_known(reader, known) < 0 || read_verb(reader, env) < 0 ||
		plan_text(reader, "name", true, &env->name) < 0 ||
		plan_text(reader, "value", env->verb != ENV_UNSET, &env->value) < 0 ||
		plan_text(reader, "separator", false, &env->separator) < 0) {
		return -1;
	}
	bool has_old = env->verb == ENV_PREPEND || env->verb == ENV_APPEND;
	if (*env->name == '\0' || strchr(env->name, '=')) {
		return plan_complain(reader, "name", "'%s' cannot be a variable's name", env->name);
	}
	if (env->value && env->verb == ENV_UNSET) {
		return plan_complain(reader, "value", "unset takes none");
	}
	if (env->separator && !has_old) {
		return plan_complain(reader, "separator", "only prepend and append take one");
	}
	env->separator = has_old && !env->separator ? ":" : env->separator;
	return 0;
}

static int
pack_body(const struct plan_reader *reader, struct action *action)
{
	const json_t *list = json_object_get(reader->object, "env");
	size_t count = json_array_size(list);

	if (list && !json_is_array(list)) {
		return plan_complain(reader, "env", "expected an array");
	}
	struct runtime_env *env = arena_alloc(reader->arena, count + 1, sizeof(*env));
	for (size_t i = 0; i < count; i++) {
		struct plan_reader inner = *reader;
		inner.object = json_array_get(list, i);
		inner.place = arena_printf(reader->arena, "%s, env %zu", reader->place, i);
		if (read_runtime_env(&inner, &env[i]) < 0) {
			return -1;
		}
	}
	action->pack.env = env;
	action->pack.env_count = count;
	if (plan_text(reader, "main", false, &action->pack.main) < 0) {
		return -1;
	}
	if (action->pack.main && !fs_is_clean_relative(action->pack.main)) {
		return plan_complain(
			reader, "main", "'%s' is not a program's name", action->pack.main);
	}
	return plan_texts(reader, "libs", 0, &action->pack.libs);
}

static int
read_test_step(const struct plan_reader *reader, struct test_step *step)
{
	static const char *const known[] = {"argv", "env", "match", "exit", NULL};
	uint64_t exit_status = 0;

	if (plan_known(reader, known) < 0 || plan_texts(reader, "argv", 1, &step->argv) < 0 ||
		plan_env(reader, "env", &step->env, &step->env_count) < 0 ||
		plan_text(reader, "match", false, &step->match) < 0 ||
		plan_number(reader, "exit", 255, &exit_status) < 0) {
		return -1;
	}
	step->exit_status = (int)exit_status;
	return *step->argv[0] ? 0 : plan_complain(reader, "argv", "the program has no name");
}

static int
test_body(const struct plan_reader *reader, struct action *action)
{
	const json_t *list = json_object_get(reader->object, "steps");
	size_t count = json_array_size(list);

	if (count == 0) {
		return plan_complain(reader, "steps", "expected a non-empty array");
	}
	struct test_step *steps = arena_alloc(reader->arena, count, sizeof(*steps));
	for (size_t i = 0; i < count; i++) {
		struct plan_reader inner = *reader;
		inner.object = json_array_get(list, i);
		inner.place = arena_printf(reader->arena, "%s, step %zu", reader->place, i);
		if (read_test_step(&inner, &steps[i]) < 0) {
			return -1;
		}
	}
	action->test.steps = steps;
	action->test.step_count = count;
	return 0;
}

static int
no_body(const struct plan_reader *reader, struct action *action)
{
	(void)reader;
	(void)action;
	return 0;
}

#define COMMON "kind", "name", "where", "inputs"

static const struct {
	int (*read)(const struct plan_reader *reader, struct action *action);
	const char *const *known;
} bodies[] = {
	[ACTION_FETCH] = {fetch_body, (const char *const[]){COMMON, "urls", "sha256", NULL}},
	[ACTION_UNPACK] = {unpack_body, (const char *const[]){COMMON, "strip", "single", NULL}},
	[ACTION_GLOB] = {glob_body, (const char *const[]){COMMON, "from", "dir", "patterns", NULL}},
	[ACTION_FILE] = {file_body,
		(const char *const[]){COMMON, "path", "text", "link", "executable", NULL}},
	[ACTION_MERGE] = {no_body, (const char *const[]){COMMON, NULL}},
	[ACTION_DEBIAN] = {plan_debian_body, (const char *const[]){COMMON, "packages", NULL}},
	[ACTION_FILTER] = {filter_body, (const char *const[]){COMMON, "include", "exclude", NULL}},
	[ACTION_RUN] = {run_body, (const char *const[]){COMMON, "script", "env", "network",
					  "output", "limits", NULL}},
	[ACTION_PACK] = {pack_body, (const char *const[]){COMMON, "env", "libs", "main", NULL}},
	[ACTION_TEST] = {test_body, (const char *const[]){COMMON, "steps", NULL}},
};

int
plan_body(const struct plan_reader *reader, struct action *action)
{
	return plan_known(reader, bodies[action->kind].known) < 0
		       ? -1
		       : bodies[action->kind].read(reader, action);
}
