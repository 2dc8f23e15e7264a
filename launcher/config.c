/* SPDX-License-Identifier: MIT */
/* The configuration's bytes: struct config_head, then strings, each up to its NUL, one behind the
 * other: the seven from id up to script; each argument; each needed entry; verb and name, value,
 * separator of each operation; NULs up to the end. Nothing in it leads anywhere: with enough NULs
 * in it, whoever reads string after string stays inside. */
#include "config.h"

_Static_assert(
	offsetof(struct config, script) - offsetof(struct config, id) == 6 * sizeof(const char *),
	"the seven strings stand together");

enum { OWN_STRINGS = 7, ENV_STRINGS = 3, COUNT_LIMIT = 1 << 24 };

const char *
config_next(const char *string)
{
	while (*string++ != '\0') {
	}
	return string;
}

/* Are there at least that many strings? The last of all ends where the bytes end. */
static bool
has_strings(const char *at, const char *end, uint32_t count)
{
	if (at == end || end[-1] != '\0') {
		return false;
	}
	while (count > 0 && at < end) {
		count -= *at++ == '\0';
	}
	return count == 0;
}

static const char *
skip(const char *at, uint32_t count)
{
	while (count-- > 0) {
		at = config_next(at);
	}
	return at;
}

bool
config_view(const void *data, size_t size, struct config *ret_config)
{
	const struct config_head *head = data;
	const char *at = data;

	/* Operations and arguments take a word each of the room that entry-*.S leave. */
	if (size < sizeof(*head) || head->size != size || head->env_count > CONFIG_ENV_MAX ||
		head->argument_count > CONFIG_ENV_MAX - head->env_count ||
		head->levels > CONFIG_LEVELS_MAX || head->needed_count > COUNT_LIMIT ||
		!has_strings(at + sizeof(*head), at + size,
			OWN_STRINGS + head->argument_count + head->needed_count +
				head->env_count * ENV_STRINGS)) {
		return false;
	}
	ret_config->head = head;
	at += sizeof(*head);
	for (int i = 0; i < OWN_STRINGS; i++, at = config_next(at)) {
		(&ret_config->id)[i] = at;
	}
	ret_config->arguments = at;
	ret_config->needed = skip(at, head->argument_count);
	ret_config->env = skip(ret_config->needed, head->needed_count);
	return true;
}

static bool
has_meaning(const struct config *config)
{
	const struct config_head *head = config->head;
	struct config_env env = {.rest = config->env};

	for (uint32_t i = 0; i < head->env_count; i++) {
		env = config_env_next(env.rest);
		if (env.verb < CONFIG_ENV_DEFAULT || env.verb > CONFIG_ENV_BEHIND || !*env.name) {
			return false;
		}
	}
	return head->kind >= CONFIG_DYNAMIC && head->kind <= CONFIG_RUN &&
	       head->flags <= (CONFIG_GLIBC | CONFIG_SEARCHED) && *config->id &&
	       !*config->program == (head->payload_size > 0) &&
	       (head->kind != CONFIG_RUN || head->payload_size == 0) &&
	       !*config->interpreter == (head->kind == CONFIG_STATIC || head->kind == CONFIG_RUN) &&
	       !*config->script == (head->kind != CONFIG_SCRIPT && head->kind != CONFIG_RUN) &&
	       (*config->script || head->argument_count == 0);
}

const char *
config_parse(const void *data, size_t size, struct config *ret_config)
{
	static const char magic[8] = "brunlch4";
	const struct config_head *head = data;
	struct config config;

	if (size < sizeof(*head) || __builtin_memcmp(head->magic, magic, 7) != 0) {
		return "no configuration";
	}
	if (head->magic[7] != magic[7]) {
		return "a configuration of another version";
	}
	if (!config_view(data, size, &config)) {
		return "a damaged configuration";
	}
	if (!has_meaning(&config)) {
		return "a configuration that makes no sense";
	}
	*ret_config = config;
	return NULL;
}

struct config_env
config_env_next(const char *strings)
{
	const char *value = config_next(strings), *separator = config_next(value);

	/* An empty string has no verb, and its name is empty too. */
	return (struct config_env){*strings, *strings ? strings + 1 : strings, value, separator,
		config_next(separator)};
}
