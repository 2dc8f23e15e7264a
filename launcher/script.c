/* SPDX-License-Identifier: MIT */
#include "script.h"

#include "classify.h"
#include "image.h"
#include "paths.h"
#include "sources.h"

#include <string.h>

enum { LINE_MAX_LENGTH = 4096 /* wrap.c reads no more: such a line may be cut off */ };

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

/* env's own line: NAME, or -S and a NAME with at most one argument. */
static const char *
parse_env(char *text, struct script *ret_script)
{
	char *split = text ? after_split_option(text) : NULL;

	if (!text || text[0] == '\0') {
		return "its first line names env, but no program";
	}
	if (!split && strpbrk(text, blanks)) {
		return "its first line gives env several words without -S, which env takes for one";
	}
	char *name = split ? split : text;
	if (name[0] == '-' || name[0] == '\0') {
		return "its first line uses an option of env that the launcher does not know";
	}
	char *argument = name + strcspn(name, blanks);
	if (*argument) {
		*argument++ = '\0';
		argument += strspn(argument, blanks);
	}
	if (strchr(name, '=')) {
		return "its first line sets a variable by env";
	}
	if (strpbrk(argument, " \t'\"\\$")) {
		return "its first line gives the interpreter more than one plain argument";
	}
	ret_script->interpreter = name;
	ret_script->argument = *argument ? argument : NULL;
	return NULL;
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
	const char *why = is_env(line) ? parse_env(argument, &script) : NULL;
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
