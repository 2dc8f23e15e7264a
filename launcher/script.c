/* SPDX-License-Identifier: MIT */
#include "script.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "classify.h"
#include "image.h"
#include "paths.h"
#include "plan/runtime.h"
#include "sources.h"

#include <string.h>

enum {
	LINE_MAX_LENGTH = 4096 /* wrap.c reads no more: such a line may be cut off */,
	SETTINGS_MAX = 8
};

static const char blanks[] = " \t";

static bool
is_env(const char *interpreter)
{
	return strcmp(interpreter, "/usr/bin/env") == 0 || strcmp(interpreter, "/bin/env") == 0;
}

/* "-S NAME ARG", "-SNAME ARG" or "--split-string=NAME ARG": what follows; else NULL. */
static char *
after_split_option(char *text)
{
	static const char *const options[] = {"-S", "-vS", "--split-string=", "--split-string "};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		size_t length = strlen(options[i]);
		if (strncmp(text, options[i], length) == 0) {
			return text + length + strspn(text + length, blanks);
		}
	}
	return NULL;
}

/* One escape of env's own (env(1), "-S"), at the byte behind the backslash; 0: one not known
 * here. */
static char
unescape(char byte, bool is_quoted)
{
	static const char escapes[] = "fnrtv#$_\\\"'";
	static const char bytes[] = "\f\n\r\t\v#$ \\\"'";
	const char *at = byte ? strchr(escapes, byte) : NULL;

	/* Outside of quotes, "\_" separates words; a newline and a carriage return mean something
	 * in a configuration (config.h). */
	return !at || (byte == '_' && !is_quoted) || byte == 'n' || byte == 'r'
		       ? '\0'
		       : bytes[at - escapes];
}

/* The next word of *text, its quotes and escapes taken away, in place; NULL at the end, or with a
 * reason where the launcher could not give the same. */
static char *
next_word(char **text, const char **ret_why)
{
	char *at = *text + strspn(*text, blanks), *to = at, *word = at, quote = '\0';

	if (*at == '\0' || *at == '#') {
		return NULL;
	}
	for (; *at && (quote || !strchr(blanks, *at)); at++) {
		if (*at == quote || (!quote && (*at == '\'' || *at == '"'))) {
			quote = quote ? '\0' : *at;
			continue;
		}
		char byte = *at;
		bool is_escaped = false;
		if (byte == '\\' && (quote != '\'' || at[1] == '\'' || at[1] == '\\')) {
			byte = unescape(*++at, quote == '"');
			is_escaped = true;
		}
		if (byte == '\0' || (byte == '$' && quote != '\'' && !is_escaped)) {
			*ret_why = "its first line has env expand more than the launcher knows of";
			return NULL;
		}
		*to++ = byte;
	}
	if (quote || to == word) {
		*ret_why = "its first line has a quote without an end, or an empty word";
		return NULL;
	}
	*text = *at ? at + 1 : at;
	*to = '\0';
	return word;
}

/* "NAME=VALUE", "-u NAME", "-uNAME" before the program: true where the word is one of these. */
static bool
take_setting(char *word, char **rest, struct script *script, const char **ret_why)
{
	struct runtime_env env = {.verb = ENV_SET};
	char *equals = strchr(word, '=');

	if (word[0] == '-' && word[1] == 'u') {
		env = (struct runtime_env){
			.verb = ENV_UNSET, .name = word[2] ? word + 2 : next_word(rest, ret_why)};
	} else if (word[0] != '-' && equals && equals > word) {
		*equals = '\0';
		env.name = word;
		env.value = equals + 1;
	} else {
		return false;
	}
	if (!env.name || script->env_count == SETTINGS_MAX ||
		(env.value && strchr(env.value, '$'))) {
		*ret_why = "its first line has env set more than the launcher can";
	} else {
		script->env[script->env_count++] = env;
	}
	return true;
}

/* The words behind the program's name, as config.h has them. */
static const char *
join_words(struct arena *arena, char *rest, const char **ret_why)
{
	cleanup_buf struct buf text = {0};

	for (char *word; (word = next_word(&rest, ret_why)) != NULL;) {
		buf_printf(&text, "%s%s", text.length > 0 ? "\n" : "", word);
	}
	return text.length > 0 ? arena_strdup(arena, buf_text(&text)) : NULL;
}

/* env's own line: NAME, or -S and settings, NAME and its arguments. */
static const char *
parse_env(struct arena *arena, char *text, struct script *ret_script)
{
	char *split = text ? after_split_option(text) : NULL, *name;
	const char *why = NULL;

	if (!text || text[0] == '\0') {
		return "its first line names env, but no program";
	}
	if (!split && strpbrk(text, blanks)) {
		return "its first line gives env several words without -S, which env takes for one";
	}
	ret_script->env = arena_alloc(arena, SETTINGS_MAX, sizeof(*ret_script->env));
	if (!split && strchr(text, '=')) {
		return "its first line names env, but no program";
	}
	do {
		name = split ? next_word(&split, &why) : text;
	} while (split && name && !why && take_setting(name, &split, ret_script, &why));
	if (why || !name) {
		return why ? why : "its first line names env, but no program";
	}
	if (name[0] == '-') {
		return "its first line uses an option of env that the launcher does not know";
	}
	ret_script->interpreter = name;
	ret_script->argument = split ? join_words(arena, split, &why) : NULL;
	return why;
}

const char *
script_parse(struct sources *sources, const char *text, size_t length, struct script *ret_script)
{
	struct script script = {0};
	const char *end = length >= 2 ? memchr(text, '\n', length) : NULL;
	size_t size = end ? (size_t)(end - text) : length;

	if (length < 2 || size >= LINE_MAX_LENGTH || memchr(text, '\0', size)) {
		return "its first line is no \"#!\" line that could be read";
	}
	char *line = arena_strndup(&sources->arena, text + 2, size - 2);
	size = strlen(line);
	while (size > 0 && strchr(" \t\r", line[size - 1])) {
		line[--size] = '\0';
	}
	line += strspn(line, blanks);
	char *argument = line + strcspn(line, blanks);
	if (*argument) {
		*argument++ = '\0';
		argument += strspn(argument, blanks);
	}
	if (line[0] != '/') {
		return "its first line names no absolute path";
	}
	script.interpreter = line;
	script.argument = *argument ? argument : NULL;
	const char *why = is_env(line) ? parse_env(&sources->arena, argument, &script) : NULL;
	if (!why) {
		*ret_script = script;
	}
	return why;
}

/* What a packed program wraps; the file itself where it is none. */
static struct file *
unwrap(struct sources *sources, struct file *file)
{
	struct config config;
	const char *why;

	if (file->class != FILE_LAUNCHER) {
		return file;
	}
	if (!image_read(file->data, file->size, &config, &why) || why || *config.program == '\0' ||
		config.head->kind != CONFIG_DYNAMIC) {
		return NULL;
	}
	return source_lookup(sources, file->source, config.program);
}

/* A plain name, in the bin directories of every source, or of those that ship. */
static struct file *
find_by_name(struct sources *sources, const char *name, bool only_shipped, const char **ret_visible)
{
	static const char *const folders[] = {"bin", "usr/bin", "usr/local/bin", "sbin"};
	const size_t folder_count = sizeof(folders) / sizeof(*folders);

	for (size_t i = 0; i < sources->count * folder_count; i++) {
		const struct source *source = &sources->items[i / folder_count];
		cleanup_free char *path = mem_printf("%s/%s", folders[i % folder_count], name);
		struct file *file = only_shipped && !source->is_shipped
					    ? NULL
					    : source_lookup(sources, source, path);
		if (file) {
			*ret_visible = arena_strdup(&sources->arena, path);
			return file;
		}
	}
	return NULL;
}

struct file *
script_interpreter(struct sources *sources, const struct script *script, const char **ret_visible)
{
	const char *name = path_name(script->interpreter), *elsewhere = NULL;
	struct file *file = script->interpreter[0] == '/'
				    ? sources_find(sources, script->interpreter, &elsewhere)
				    : NULL;
	struct file *shipped = file && file->source->is_shipped
				       ? NULL
				       : find_by_name(sources, name, true, ret_visible);

	if (shipped) {
		return unwrap(sources, shipped);
	}
	if (file) {
		*ret_visible = elsewhere;
		return unwrap(sources, file);
	}
	file = find_by_name(sources, name, false, ret_visible);
	return file ? unwrap(sources, file) : NULL;
}
