/* SPDX-License-Identifier: MIT */
/* Environment operations and a script's arguments. Strings stay where they are, new ones go to
 * memory of their own; the arrays are rebuilt against the auxiliary vector, all still in one piece.
 */
#include "launch.h"

/* The environment while it is worked on: NULL-terminated, with room for every operation. */
struct work {
	char **strings;
	size_t count;
	bool is_changed;
};

static bool
is_named(const char *string, const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (string[i] != name[i]) {
			return false;
		}
	}
	return string[length] == '=';
}

/* The first entry of that name; count where there is none. */
static size_t
find(const struct work *work, const char *name, size_t length)
{
	size_t i = 0;

	while (i < work->count && !is_named(work->strings[i], name, length)) {
		i++;
	}
	return i;
}

static void
drop(struct work *work, const char *name, size_t length, size_t from)
{
	size_t kept = from;

	for (size_t i = from; i < work->count; i++) {
		if (!is_named(work->strings[i], name, length)) {
			work->strings[kept++] = work->strings[i];
		}
	}
	work->is_changed = work->is_changed || kept != work->count;
	work->count = kept;
}

/* The value with the output directory's path for ${ROOT}. */
static const char *
expand(struct launch *launch, const char *value)
{
	static const char root[] = "${ROOT}";
	size_t root_length = text_length(launch->root), size = 1;

	for (const char *at = value; *at != '\0'; at++) {
		size += *at == '$' ? root_length + 1 : 1;
	}
	char *text = memory_take(launch, size), *end = text;
	while (*value != '\0') {
		size_t i = 0;
		while (root[i] != '\0' && value[i] == root[i]) {
			i++;
		}
		if (root[i] == '\0') {
			end = text_put(end, launch->root, root_length);
			value += i;
		} else {
			end = text_put(end, value++, 1);
		}
	}
	return text;
}

static const char *
value_of(const struct work *work, const char *name, size_t length)
{
	size_t at = find(work, name, length);

	return at < work->count ? work->strings[at] + length + 1 : NULL;
}

static const char *
new_value(struct launch *launch, const struct work *work, const struct config_env *env,
	const char *old)
{
	const char *value = expand(launch, text_of(launch, env->value));
	const char *separator = text_of(launch, env->separator);

	if (env->verb == CONFIG_ENV_BEHIND) {
		old = value_of(work, separator, env->separator.length);
		return old && *old != '\0' ? text_join(launch, old, ":", value) : value;
	}
	if (old && *old != '\0' && env->verb == CONFIG_ENV_PREPEND) {
		return text_join(launch, value, separator, old);
	}
	if (old && *old != '\0' && env->verb == CONFIG_ENV_APPEND) {
		return text_join(launch, old, separator, value);
	}
	return value;
}

static void
apply(struct launch *launch, struct work *work, const struct config_env *env)
{
	const char *name = text_of(launch, env->name);
	size_t length = env->name.length, at = find(work, name, length);
	bool is_set = at < work->count;

	if (env->verb == CONFIG_ENV_UNSET) {
		drop(work, name, length, at);
		return;
	}
	if (is_set && env->verb == CONFIG_ENV_DEFAULT) {
		return;
	}
	const char *old = is_set ? work->strings[at] + length + 1 : NULL;
	work->strings[at] = text_join(launch, name, "=", new_value(launch, work, env, old));
	work->count += !is_set;
	work->is_changed = true;
	/* One name, one value: getenv takes the first, some shells the last. */
	drop(work, name, length, at + 1);
}

static void
read_environment(struct launch *launch, struct work *work)
{
	const struct config *config = &launch->config;

	while (launch->environment[work->count]) {
		work->count++;
	}
	work->strings =
		memory_take(launch, (work->count + config->env_count) * sizeof(*work->strings));
	__builtin_memcpy(work->strings, launch->environment, work->count * sizeof(*work->strings));
	/* Started with privileges, nothing that depends on where the launcher lies is set. */
	for (uint32_t i = 0; i < config->env_count && !launch->is_secure; i++) {
		struct config_env env = config_env_get(config, i);
		apply(launch, work, &env);
	}
}

/* What stands before the caller's arguments in a script's argv; at most three. */
static size_t
script_arguments(struct launch *launch, const char *program_path, const char *ret_arguments[3])
{
	const struct config *config = &launch->config;
	size_t count = 0;

	if (config->kind != CONFIG_SCRIPT) {
		return 0;
	}
	ret_arguments[count++] = config->argv0.length > 0 ? text_join(launch, launch->root, "/",
								    text_of(launch, config->argv0))
							  : program_path;
	if (config->argument.length > 0) {
		ret_arguments[count++] = text_of(launch, config->argument);
	}
	ret_arguments[count++] =
		text_join(launch, launch->root, "/", text_of(launch, config->script));
	return count;
}

/* The arrays end where the auxiliary vector starts, and the stack pointer keeps its alignment to
 * 16 bytes: where their number is odd the vector makes way by one word. */
static uint64_t *
rebuild(struct launch *launch, const struct work *work, const char *const *front,
	size_t front_count)
{
	uint64_t *to = (uint64_t *)launch->auxiliary;
	size_t argc = launch->stack[0], replaced = front_count > 0 && argc > 0 ? 1 : 0;
	size_t kept = argc - replaced, words = 1 + front_count + kept + 1 + work->count + 1;

	if ((uint64_t)(to - words) % 16 != 0) {
		const Elf64_auxv_t *end = launch->auxiliary;
		while (end++->a_type != AT_NULL) {
		}
		to--;
		__builtin_memmove(to, launch->auxiliary,
			(size_t)((const char *)end - (const char *)launch->auxiliary));
		launch->auxiliary = (Elf64_auxv_t *)to;
	}
	uint64_t *stack = to - words;
	char **argv = (char **)(stack + 1);
	__builtin_memmove(argv + front_count, launch->argv + replaced, kept * sizeof(*argv));
	__builtin_memcpy(argv, front, front_count * sizeof(*argv));
	argv += front_count + kept;
	*argv++ = NULL;
	__builtin_memcpy(argv, work->strings, work->count * sizeof(*argv));
	argv[work->count] = NULL;
	stack[0] = front_count + kept;
	return stack;
}

uint64_t *
environment_apply(struct launch *launch, const char *program_path)
{
	const char *front[3];
	struct work work = {0};
	size_t front_count = script_arguments(launch, program_path, front);

	if (launch->config.env_count == 0 && front_count == 0) {
		return launch->stack;
	}
	read_environment(launch, &work);
	return work.is_changed || front_count > 0 ? rebuild(launch, &work, front, front_count)
						  : launch->stack;
}
