/* SPDX-License-Identifier: MIT */
#include "describe.h"

#include "base/buf.h"
#include "base/mem.h"
#include "classify.h"
#include "image.h"
#include "libdirs.h"
#include "sources.h"

#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

json_t *
describe_text(const char *text)
{
	json_t *value = json_string(text);

	if (!value) {
		cleanup_buf struct buf escaped = {0};
		for (; *text; text++) {
			buf_printf(&escaped, (unsigned char)*text < 0x80 ? "%c" : "\\x%02x",
				(unsigned char)*text);
		}
		value = json_string(buf_text(&escaped));
	}
	return value;
}

void
describe_put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set(object, key, value) < 0) {
		json_t *name = describe_text(key);
		json_object_set(object, json_string_value(name), value);
		json_decref(name);
	}
	json_decref(value);
}

static void
put_text(json_t *object, const char *key, const char *text)
{
	if (text && *text) {
		json_object_set_new(object, key, describe_text(text));
	}
}

static json_t *
describe_env(const struct config_env *env)
{
	static const char *const verbs[] = {[CONFIG_ENV_DEFAULT - CONFIG_ENV_DEFAULT] = "default",
		[CONFIG_ENV_SET - CONFIG_ENV_DEFAULT] = "set",
		[CONFIG_ENV_PREPEND - CONFIG_ENV_DEFAULT] = "prepend",
		[CONFIG_ENV_APPEND - CONFIG_ENV_DEFAULT] = "append",
		[CONFIG_ENV_UNSET - CONFIG_ENV_DEFAULT] = "unset",
		[CONFIG_ENV_BEHIND - CONFIG_ENV_DEFAULT] = "behind"};
	json_t *object = json_object();

	put_text(object, "verb", verbs[env->verb - CONFIG_ENV_DEFAULT]);
	put_text(object, "name", env->name);
	put_text(object, "value", env->value);
	put_text(object, "separator", env->separator);
	return object;
}

static void
put_arguments(json_t *object, const struct config *config)
{
	const char *argument = config->arguments;

	if (config->head->argument_count > 0) {
		json_t *arguments = json_array();
		for (uint32_t i = 0; i < config->head->argument_count; i++) {
			json_array_append_new(
				arguments, describe_text(argument + (*argument == CONFIG_PATH)));
			argument = config_next(argument);
		}
		json_object_set_new(object, "arguments", arguments);
	}
}

/* A needed entry without its mark. */
static const char *
needed_name(const char *entry)
{
	return entry + (*entry == CONFIG_LOADED || *entry == CONFIG_NAMED);
}

static void
put_config(json_t *object, const struct config *config)
{
	static const char *const starts[] = {[CONFIG_DYNAMIC] = "dynamic program",
		[CONFIG_STATIC] = "static program",
		[CONFIG_SCRIPT] = "script",
		[CONFIG_RUN] = "script"};
	const struct config_head *head = config->head;
	json_t *needed = json_array(), *operations = json_array();
	struct config_env env = {.rest = config->env};
	const char *name = config->needed;
	cleanup_buf struct buf up = {0};

	put_text(object, "starts", starts[head->kind]);
	put_text(object, "libc",
		head->kind == CONFIG_STATIC  ? "none"
		: head->flags & CONFIG_GLIBC ? "glibc"
					     : "musl");
	for (uint32_t i = 0; i < head->levels && i < PATH_MAX; i++) {
		buf_puts(&up, i > 0 ? "/.." : "..");
	}
	put_text(object, "up", buf_text(&up));
	put_text(object, "id", config->id);
	put_text(object, "program", config->program);
	put_text(object, "interpreter", config->interpreter);
	put_text(object, "library_dir", config->library_dir);
	put_text(object, "runpath", config->runpath);
	put_text(object, "argv0", config->argv0);
	put_text(object, "script", config->script);
	put_arguments(object, config);
	if (head->payload_size > 0) {
		json_object_set_new(
			object, "payload", json_integer((json_int_t)head->payload_size));
	}
	for (uint32_t i = 0; i < head->needed_count; i++, name = config_next(name)) {
		json_array_append_new(needed, describe_text(needed_name(name)));
	}
	for (uint32_t i = 0; i < head->env_count; i++) {
		env = config_env_next(env.rest);
		json_array_append_new(operations, describe_env(&env));
	}
	json_object_set_new(object, "needed", needed);
	json_object_set_new(object, "env", operations);
}

json_t *
describe_launcher(const void *data, size_t size)
{
	struct config config;
	const char *why = NULL;
	json_t *object = json_object();

	put_text(object, "kind", file_class_name(FILE_LAUNCHER));
	if (!image_read(data, size, &config, &why) || why) {
		put_text(object, "damage", why ? why : "no configuration");
	} else {
		put_config(object, &config);
	}
	return object;
}

void
describe_elf(const struct elf *elf, json_t *object)
{
	json_t *needed = json_array();

	put_text(object, "machine", libdirs_platform(elf->header.e_machine));
	put_text(object, "interpreter", elf_interpreter(elf));
	put_text(object, "soname", elf_dynamic_text(elf, DT_SONAME));
	put_text(object, "rpath", elf_dynamic_text(elf, DT_RPATH));
	put_text(object, "runpath", elf_dynamic_text(elf, DT_RUNPATH));
	for (uint64_t i = 0; i < elf->dynamic_count; i++) {
		Elf64_Dyn entry = elf_dynamic(elf, i);
		const char *name =
			entry.d_tag == DT_NEEDED ? elf_name(elf, entry.d_un.d_val) : NULL;
		if (name) {
			json_array_append_new(needed, describe_text(name));
		}
	}
	json_object_set_new(object, "needed", needed);
}

void
describe_problem(json_t *problems, const char *path, const char *what)
{
	cleanup_free char *text = mem_printf("%s: %s", path, what);

	json_array_append_new(problems, describe_text(text));
}

static void
describe_lack(
	struct sources *sources, const struct file *launcher, const char *path, json_t *problems)
{
	if (*path && !source_lookup(sources, &sources->items[0], path)) {
		cleanup_free char *what = mem_printf("needs %s, which is not there", path);
		describe_problem(problems, launcher->path, what);
	}
}

void
describe_missing(struct sources *sources, const struct file *launcher, json_t *problems)
{
	struct config config;
	const char *why = NULL;

	if (!image_read(launcher->data, launcher->size, &config, &why) || why) {
		describe_problem(problems, launcher->path, why ? why : "no configuration");
		return;
	}
	describe_lack(sources, launcher, config.program, problems);
	describe_lack(sources, launcher, config.interpreter, problems);
	describe_lack(sources, launcher, config.script, problems);
	const char *name = config.needed;
	for (uint32_t i = 0; i < config.head->needed_count; i++, name = config_next(name)) {
		const char *plain = needed_name(name);
		cleanup_free char *path = strchr(plain, '/')
						  ? mem_strdup(plain)
						  : mem_printf("%s/%s", config.library_dir, plain);
		describe_lack(sources, launcher, path, problems);
	}
}

void
describe_damage(struct sources *sources, const char *id, const json_t *bundle, json_t *problems)
{
	json_t *files = json_object_get(bundle, "files"), *described;
	const char *name;

	json_object_foreach(files, name, described)
	{
		const char *wanted = json_string_value(json_object_get(described, "sha256"));
		cleanup_free char *path = mem_printf("brun-resources.d/%s/%s", id, name);
		struct file *file = source_lookup(sources, &sources->items[0], path);
		char hex[DIGEST_HEX];
		if (!file || file_digest(file, NULL) < 0) {
			describe_problem(problems, path, "is not there");
		} else if (wanted && strcmp(digest_hex(&file->digest, hex), wanted) != 0) {
			describe_problem(
				problems, path, "is not what was packed (its hash differs)");
		}
	}
}

/* "key: value" lines; arrays one item a line, objects indented. */
static void
print_value(const json_t *value, unsigned depth, struct buf *text)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_string(value)) {
		buf_printf(text, " %s\n", json_string_value(value));
	} else if (json_is_integer(value)) {
		buf_printf(text, " %lld\n", (long long)json_integer_value(value));
	} else if (json_is_object(value)) {
		buf_puts(text, depth > 0 ? "\n" : "");
		json_object_foreach((json_t *)(uintptr_t)value, key, item)
		{
			buf_printf(text, "%*s%s:", (int)(2 * depth), "", key);
			print_value(item, depth + 1, text);
		}
	} else if (json_is_array(value)) {
		buf_puts(text, json_array_size(value) > 0 ? "\n" : " none\n");
		json_array_foreach(value, i, item)
		{
			buf_printf(text, "%*s-", (int)(2 * depth), "");
			print_value(item, depth + 1, text);
		}
	} else {
		buf_puts(text, json_is_true(value) ? " yes\n" : " no\n");
	}
}

void
describe_print(const json_t *root, bool is_json, struct buf *ret_text)
{
	if (!is_json) {
		print_value(root, 0, ret_text);
		return;
	}
	cleanup_free char *text = json_dumps(root, JSON_SORT_KEYS | JSON_INDENT(1));
	buf_printf(ret_text, "%s\n", text ? text : "{}");
}
