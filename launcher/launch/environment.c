/* SPDX-License-Identifier: MIT */
/* Environment operations and a script's arguments. Strings stay where they are, new ones go to
 * memory of their own. In the arrays, a word more moves what lies before it down, a word less up:
 * the entry has left room below. */
#include "launch.h"

void
stack_shift(struct launch *launch, void *end, long by)
{
	uint64_t *from = launch->stack, *to = from + by;
	long count = (uint64_t *)end - from;

	launch->stack = to;
	if (by < 0) {
		for (long i = 0; i < count; i++) {
			to[i] = from[i];
		}
	} else {
		while (count-- > 0) {
			to[count] = from[count];
		}
	}
}

/* Where the value of the first such entry from `at` on starts; *ret_at is the entry, or the NULL
 * that ends them. */
static const char *
find(char **at, const char *name, char ***ret_at)
{
	const char *value = NULL;

	for (; *at; at++) {
		size_t i = 0;
		while (name[i] != '\0' && (*at)[i] == name[i]) {
			i++;
		}
		if (name[i] == '\0' && (*at)[i] == '=') {
			value = *at + i + 1;
			break;
		}
	}
	*ret_at = at;
	return value;
}

/* The value with the output directory's path for ${ROOT}. */
static const char *
expand(struct launch *launch, const char *value)
{
	static const char root[] = "${ROOT}";
	size_t size = 1;

	for (const char *at = value; *at != '\0'; at++) {
		size += *at == '$' ? text_length(launch->root) + 1 : 1;
	}
	char *text = memory_take(launch, size), *end = text;
	for (;;) {
		size_t i = 0;
		while (root[i] != '\0' && value[i] == root[i]) {
			i++;
		}
		if (root[i] == '\0') {
			end = text_put(end, launch->root);
			value += i;
		} else if ((*end++ = *value++) == '\0') {
			return text;
		}
	}
}

static void
apply(struct launch *launch, const struct config_env *env)
{
	const char *value = expand(launch, env->value);
	char **at;
	const char *old = find(launch->environment, env->name, &at);

	if (env->verb == CONFIG_ENV_DEFAULT && old) {
		return;
	}
	if (env->verb == CONFIG_ENV_BEHIND) {
		char **other;
		const char *front = find(launch->environment, env->separator, &other);
		if (front && *front != '\0') {
			value = text_join(launch, front, ":", value);
		}
	}
	if (env->verb != CONFIG_ENV_UNSET) {
		if (!old) {
			stack_shift(launch, at--, -1);
			launch->environment--;
		} else if (*old != '\0' && env->verb == CONFIG_ENV_PREPEND) {
			value = text_join(launch, value, env->separator, old);
		} else if (*old != '\0' && env->verb == CONFIG_ENV_APPEND) {
			value = text_join(launch, old, env->separator, value);
		}
		*at++ = text_join(launch, env->name, "=", value);
	}
	/* One name, one value: getenv takes the first, some shells the last. */
	while (find(at, env->name, &at)) {
		stack_shift(launch, at++, 1);
		launch->environment++;
	}
}

/* Argument number i > 0 is put in, those from i on move. */
static void
insert(struct launch *launch, uint64_t i, const char *text)
{
	stack_shift(launch, launch->stack + 1 + i, -1);
	launch->stack[0]++;
	launch->stack[1 + i] = (uint64_t)text;
}

static void
apply_script(struct launch *launch, const char *program_path)
{
	const struct config *config = &launch->config;
	const char *first = *config->argv0 != '\0' ? path_of(launch, config->argv0) : program_path;

	if (launch->stack[0] == 0) {
		insert(launch, 0, first);
	}
	launch->stack[1] = (uint64_t)first;
	uint64_t at = 0, count = config->head->argument_count;
	for (const char *word = config->arguments; at++ < count; word = config_next(word)) {
		insert(launch, at, *word == CONFIG_PATH ? path_of(launch, word + 1) : word);
	}
	insert(launch, at, path_of(launch, config->script));
}

uint64_t *
environment_apply(struct launch *launch, const char *program_path)
{
	const struct config *config = &launch->config;
	struct config_env env = {.rest = config->env};

	/* Started with privileges, nothing that depends on where the launcher lies is set. */
	for (uint32_t left = launch->is_secure ? 0 : config->head->env_count; left > 0; left--) {
		env = config_env_next(env.rest);
		apply(launch, &env);
	}
	if (*config->script != '\0') {
		apply_script(launch, program_path);
	}
	/* The stack pointer keeps its alignment: the auxiliary vector makes way by one word. */
	if ((uint64_t)launch->stack % 16 != 0) {
		stack_shift(launch, auxv_at(launch, AT_NULL) + 1, -1);
	}
	return launch->stack;
}
