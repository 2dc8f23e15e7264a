/* SPDX-License-Identifier: MIT */
/* The configuration's bytes, all numbers little-endian, all offsets from its first byte:
 *
 *	0	8	magic "brunlch1": the last byte is the format's version
 *	8	4	size of all of it
 *	12	4	kind (enum config_kind)
 *	16	4	flags: 1 is_glibc
 *	20	4	number of needed entries
 *	24	4	number of environment operations
 *	28	4	0
 *	32	8+8	payload: offset in the launcher's file, size
 *	48	8	_r_debug in the interpreter
 *	56	8 n	string references: the nine strings from up to script;
 *			each needed entry;
 *			name, value, separator of each environment operation
 *		4 e	verbs of the environment operations (enum config_env_verb)
 *			strings
 *
 * A string reference is offset and length (4 + 4 bytes); a NUL follows the string. {0, 0} is "". */
#include "config.h"

_Static_assert(offsetof(struct config, script) - offsetof(struct config, up) ==
		       8 * sizeof(struct config_string),
	"the nine strings stand together");

enum {
	AT_SIZE = 8,
	AT_KIND = 12,
	AT_FLAGS = 16,
	AT_NEEDED = 20,
	AT_ENV = 24,
	AT_ZERO = 28,
	AT_PAYLOAD = 32,
	AT_DEBUG = 48,
	AT_REFERENCES = 56,
	OWN_REFERENCES = 9,
	ENV_REFERENCES = 3,
	REFERENCE_SIZE = 8,
	VERB_SIZE = 4,
	FLAG_GLIBC = 1,
};

static uint32_t
get32(const unsigned char *at)
{
	uint32_t number;

	__builtin_memcpy(&number, at, sizeof(number));
	return number;
}

static uint64_t
get64(const unsigned char *at)
{
	return get32(at) | (uint64_t)get32(at + 4) << 32;
}

static struct config_string
get_reference(const unsigned char *at)
{
	return (struct config_string){get32(at), get32(at + 4)};
}

static bool
is_string(const unsigned char *data, size_t size, struct config_string string)
{
	if (string.offset == 0 && string.length == 0) {
		return true;
	}
	if (string.offset >= size || string.length >= size - string.offset) {
		return false;
	}
	const unsigned char *text = data + string.offset;
	for (uint32_t i = 0; i < string.length; i++) {
		if (text[i] == '\0') {
			return false;
		}
	}
	return text[string.length] == '\0';
}

/* Sizes, counts, and every string. */
static bool
is_sound(const unsigned char *data, size_t size)
{
	if (size < AT_REFERENCES || get32(data + AT_SIZE) != size ||
		get32(data + AT_ENV) > CONFIG_ENV_MAX) {
		return false;
	}
	uint64_t needed = get32(data + AT_NEEDED), env = get32(data + AT_ENV);
	uint64_t references = OWN_REFERENCES + needed + env * ENV_REFERENCES;
	if (references * REFERENCE_SIZE + env * VERB_SIZE > size - AT_REFERENCES) {
		return false;
	}
	const unsigned char *at = data + AT_REFERENCES;
	for (; references > 0; references--, at += REFERENCE_SIZE) {
		if (!is_string(data, size, get_reference(at))) {
			return false;
		}
	}
	return true;
}

/* Only "..", "../..", and so on: the launcher counts on it. */
static bool
is_upward(const unsigned char *data, struct config_string up)
{
	for (uint32_t i = 0; i < up.length; i++) {
		if (data[up.offset + i] != (i % 3 == 2 ? '/' : '.')) {
			return false;
		}
	}
	return up.length == 0 || up.length % 3 == 2;
}

static bool
has_meaning(const unsigned char *data, const struct config *config)
{
	for (uint32_t i = 0; i < config->env_count; i++) {
		struct config_env env = config_env_get(config, i);
		if (env.verb < CONFIG_ENV_DEFAULT || env.verb > CONFIG_ENV_BEHIND ||
			env.name.length == 0) {
			return false;
		}
	}
	return config->kind >= CONFIG_DYNAMIC && config->kind <= CONFIG_SCRIPT &&
	       get32(data + AT_FLAGS) <= FLAG_GLIBC && get32(data + AT_ZERO) == 0 &&
	       is_upward(data, config->up) && config->id.length > 0 &&
	       (config->program.length == 0) == (config->payload_size > 0) &&
	       (config->interpreter.length == 0) == (config->kind == CONFIG_STATIC) &&
	       (config->script.length > 0) == (config->kind == CONFIG_SCRIPT);
}

const char *
config_parse(const void *bytes, size_t size, struct config *ret_config)
{
	const unsigned char *data = bytes;
	struct config config;

	if (size < AT_SIZE || __builtin_memcmp(data, "brunlch", 7) != 0) {
		return "no configuration";
	}
	if (data[7] != '1') {
		return "a configuration of another version";
	}
	if (!is_sound(data, size)) {
		return "a damaged configuration";
	}
	/* One after the other in the file, and in the struct. */
	__builtin_memcpy(&config.up, data + AT_REFERENCES, (size_t)OWN_REFERENCES * REFERENCE_SIZE);
	config.data = data;
	config.kind = get32(data + AT_KIND);
	config.is_glibc = get32(data + AT_FLAGS) == FLAG_GLIBC;
	config.needed_count = get32(data + AT_NEEDED);
	config.env_count = get32(data + AT_ENV);
	config.payload_offset = get64(data + AT_PAYLOAD);
	config.payload_size = get64(data + AT_PAYLOAD + 8);
	config.debug = get64(data + AT_DEBUG);
	config.needed = data + AT_REFERENCES + OWN_REFERENCES * REFERENCE_SIZE;
	config.env = config.needed + (size_t)config.needed_count * REFERENCE_SIZE;
	if (!has_meaning(data, &config)) {
		return "a configuration that makes no sense";
	}
	*ret_config = config;
	return NULL;
}

struct config_string
config_needed_get(const struct config *config, uint32_t i)
{
	return get_reference(config->needed + (size_t)i * REFERENCE_SIZE);
}

struct config_env
config_env_get(const struct config *config, uint32_t i)
{
	const unsigned char *entry = config->env + i * ENV_REFERENCES * REFERENCE_SIZE;
	const unsigned char *verbs =
		config->env + config->env_count * ENV_REFERENCES * REFERENCE_SIZE;

	return (struct config_env){get32(verbs + i * VERB_SIZE), get_reference(entry),
		get_reference(entry + REFERENCE_SIZE), get_reference(entry + 2 * REFERENCE_SIZE)};
}
