/* SPDX-License-Identifier: MIT */
/* The configuration's bytes, all numbers little-endian, all offsets from its first byte:
 *
 *	0	8	magic "brunlch1": the last byte is the format's version
 *	8	4	size of all of it
 *	12	4	kind (enum config_kind)
 *	16	4	flags: 1 is_glibc
 *	20	4+4	needed: offset, count; an entry is one string reference
 *	28	4+4	env: offset, count; an entry is verb, name, value, separator
 *	36	4	0
 *	40	8+8	payload: offset in the launcher's file, size
 *	56	9 * 8	string references in the order of config_strings below
 *	128		tables and strings, in any order
 *
 * A string reference is offset and length (4 + 4 bytes); a NUL follows the string. {0, 0} is "". */
#include "config.h"

enum {
	AT_SIZE = 8,
	AT_KIND = 12,
	AT_FLAGS = 16,
	AT_NEEDED = 20,
	AT_ENV = 28,
	AT_ZERO = 36,
	AT_PAYLOAD = 40,
	AT_STRINGS = 56,
	HEADER_SIZE = 128,
	REFERENCE_SIZE = 8,
	ENV_SIZE = 28,
	FLAG_GLIBC = 1,
};

static uint32_t
get32(const unsigned char *at)
{
	uint32_t number;

	__builtin_memcpy(&number, at, sizeof(number));
	return number;
}

static struct config_string
get_reference(const unsigned char *at)
{
	return (struct config_string){get32(at), get32(at + 4)};
}

static bool
is_string(const unsigned char *data, size_t size, const unsigned char *reference)
{
	struct config_string string = get_reference(reference);

	if (string.offset == 0 && string.length == 0) {
		return true;
	}
	if (string.offset < HEADER_SIZE || string.offset >= size ||
		string.length >= size - string.offset) {
		return false;
	}
	for (uint32_t i = 0; i < string.length; i++) {
		if (data[string.offset + i] == '\0') {
			return false;
		}
	}
	return data[string.offset + string.length] == '\0';
}

/* Are all `strings` references, the first at `at` in each entry, of a table of entries good? */
static bool
is_table(const unsigned char *data, size_t size, const unsigned char *head, uint32_t entry_size,
	uint32_t at, uint32_t strings)
{
	uint32_t offset = get32(head), count = get32(head + 4);

	if (count == 0) {
		return true;
	}
	if (offset < HEADER_SIZE || offset > size || count > (size - offset) / entry_size) {
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		const unsigned char *entry = data + offset + (size_t)i * entry_size + at;
		for (uint32_t k = 0; k < strings; k++) {
			if (!is_string(data, size, entry + k * REFERENCE_SIZE)) {
				return false;
			}
		}
	}
	return true;
}

static const char *
check(const unsigned char *data, size_t size)
{
	if (size < HEADER_SIZE || __builtin_memcmp(data, "brunlch", 7) != 0) {
		return "no configuration";
	}
	if (data[7] != '1') {
		return "a configuration of another version";
	}
	if (get32(data + AT_SIZE) != size) {
		return "a configuration that is cut off";
	}
	if (get32(data + AT_KIND) < CONFIG_DYNAMIC || get32(data + AT_KIND) > CONFIG_SCRIPT ||
		(get32(data + AT_FLAGS) & ~FLAG_GLIBC) != 0 || get32(data + AT_ZERO) != 0) {
		return "a configuration with unknown settings";
	}
	for (const unsigned char *at = data + AT_STRINGS; at < data + HEADER_SIZE;
		at += REFERENCE_SIZE) {
		if (!is_string(data, size, at)) {
			return "a configuration with a damaged string";
		}
	}
	if (!is_table(data, size, data + AT_NEEDED, REFERENCE_SIZE, 0, 1)) {
		return "a configuration with a damaged list of libraries";
	}
	if (get32(data + AT_ENV + 4) > CONFIG_ENV_MAX ||
		!is_table(data, size, data + AT_ENV, ENV_SIZE, 4, 3)) {
		return "a configuration with damaged environment operations";
	}
	return NULL;
}

static const char *
check_meaning(const struct config *config)
{
	for (uint32_t i = 0; i < config->env_count; i++) {
		struct config_env env = config_env_get(config, i);
		if (env.verb < CONFIG_ENV_DEFAULT || env.verb > CONFIG_ENV_UNSET ||
			env.name.length == 0) {
			return "a configuration with an unknown environment operation";
		}
	}
	if (config->id.length == 0 ||
		(config->program.length == 0) == (config->payload_size == 0) ||
		(config->interpreter.length == 0) != (config->kind == CONFIG_STATIC) ||
		(config->script.length == 0) != (config->kind != CONFIG_SCRIPT)) {
		return "a configuration in which a path is missing";
	}
	return NULL;
}

const char *
config_parse(const void *bytes, size_t size, struct config *ret_config)
{
	const unsigned char *data = bytes;
	struct config config = {0};
	const char *why = check(data, size);

	if (why) {
		return why;
	}
	struct config_string *const config_strings[] = {&config.up, &config.id, &config.program,
		&config.interpreter, &config.library_dir, &config.runpath, &config.argv0,
		&config.argument, &config.script};
	config.kind = get32(data + AT_KIND);
	config.is_glibc = get32(data + AT_FLAGS) & FLAG_GLIBC;
	for (unsigned i = 0; i < sizeof(config_strings) / sizeof(*config_strings); i++) {
		*config_strings[i] = get_reference(data + AT_STRINGS + i * REFERENCE_SIZE);
	}
	__builtin_memcpy(&config.payload_offset, data + AT_PAYLOAD, 8);
	__builtin_memcpy(&config.payload_size, data + AT_PAYLOAD + 8, 8);
	config.needed = data + get32(data + AT_NEEDED);
	config.needed_count = get32(data + AT_NEEDED + 4);
	config.env = data + get32(data + AT_ENV);
	config.env_count = get32(data + AT_ENV + 4);
	why = check_meaning(&config);
	if (!why) {
		*ret_config = config;
	}
	return why;
}

struct config_string
config_needed_get(const struct config *config, uint32_t i)
{
	return get_reference(config->needed + (size_t)i * REFERENCE_SIZE);
}

struct config_env
config_env_get(const struct config *config, uint32_t i)
{
	const unsigned char *entry = config->env + (size_t)i * ENV_SIZE;

	return (struct config_env){get32(entry), get_reference(entry + 4),
		get_reference(entry + 12), get_reference(entry + 20)};
}
