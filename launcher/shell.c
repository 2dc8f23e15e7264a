/* SPDX-License-Identifier: MIT */
/* POSIX.1-2017, XCU 2.2 "Quoting", 2.3 "Token Recognition", 2.7.4 "Here-Document": as much of it as
 * it takes to know whether a word is expanded. */
#include "shell.h"

#include <ctype.h>
#include <string.h>

enum { DEPTH_MAX = 32, DELIMITER_MAX = 64 };

/* What the text is inside of. */
enum state { PLAIN, DOUBLE, SUBSTITUTION, BACKTICKS };

struct shell {
	const char *text;
	size_t length, at;
	enum state states[DEPTH_MAX];
	size_t depth;
	char delimiter[DELIMITER_MAX]; /* of the here-document that starts with the next line */
};

static bool
is_path_byte(char byte)
{
	return byte != '\0' && (isalnum((unsigned char)byte) || strchr("/._+-", byte));
}

static char
peek(const struct shell *shell, size_t ahead)
{
	return shell->at + ahead < shell->length ? shell->text[shell->at + ahead] : '\0';
}

static enum state
inside(const struct shell *shell)
{
	return shell->states[shell->depth];
}

static bool
enter(struct shell *shell, enum state state)
{
	if (shell->depth + 1 == DEPTH_MAX) {
		return false;
	}
	shell->states[++shell->depth] = state;
	return true;
}

/* Past the next such byte; false where there is none. */
static bool
skip_past(struct shell *shell, char byte)
{
	const char *found = memchr(shell->text + shell->at, byte, shell->length - shell->at);

	shell->at = found ? (size_t)(found - shell->text) + 1 : shell->length;
	return found != NULL;
}

/* "<<WORD", "<<-WORD", with or without quotes: the word is kept for the end of the line. */
static bool
take_delimiter(struct shell *shell)
{
	size_t length = 0;

	shell->at += 2;
	shell->at += peek(shell, 0) == '-';
	while (peek(shell, 0) == ' ' || peek(shell, 0) == '\t') {
		shell->at++;
	}
	for (; peek(shell, 0) && !strchr(" \t\n;|&)>", peek(shell, 0)); shell->at++) {
		if (strchr("'\"\\", peek(shell, 0))) {
			continue;
		}
		if (length + 1 == DELIMITER_MAX) {
			return false;
		}
		shell->delimiter[length++] = peek(shell, 0);
	}
	shell->delimiter[length] = '\0';
	return length > 0;
}

/* The lines up to the one that is the delimiter. */
static bool
skip_document(struct shell *shell)
{
	size_t size = strlen(shell->delimiter);

	while (shell->at < shell->length) {
		const char *line = shell->text + shell->at;
		const char *end = memchr(line, '\n', shell->length - shell->at);
		size_t length = end ? (size_t)(end - line) : shell->length - shell->at;
		shell->at += length + (end != NULL);
		while (length > 0 && *line == '\t') {
			line++;
			length--;
		}
		if (length == size && memcmp(line, shell->delimiter, size) == 0) {
			shell->delimiter[0] = '\0';
			return true;
		}
	}
	return false;
}

/* A word that starts with '/' and is whole: nothing is expanded in it, nothing stands before it but
 * what separates words or paths. */
static bool
see_path(struct shell *shell, struct shell_path *ret_path)
{
	size_t length = 0, slashes = 0;
	char before = shell->at > 0 ? shell->text[shell->at - 1] : '\n';

	while (is_path_byte(peek(shell, length))) {
		slashes += peek(shell, length) == '/';
		length++;
	}
	char behind = peek(shell, length);
	bool is_start =
		behind == '$' && length == 5 && memcmp(shell->text + shell->at, "/usr/", 5) == 0;
	*ret_path = (struct shell_path){shell->at, length, inside(shell) == DOUBLE, is_start};
	shell->at += length;
	if (is_start) {
		return true;
	}
	return slashes >= 2 && strchr(" \t\n=:;|&(`\"<>-", before) &&
	       !(behind && strchr("$*?[{\\~", behind));
}

/* One byte, or all that it starts, outside of quotes. */
static bool
step_plain(struct shell *shell)
{
	char byte = peek(shell, 0), before = shell->at > 0 ? shell->text[shell->at - 1] : '\n';

	if (byte == '\'') {
		shell->at++;
		return skip_past(shell, '\'');
	}
	if (byte == '#' && strchr(" \t\n;(", before)) {
		const char *end = memchr(shell->text + shell->at, '\n', shell->length - shell->at);
		shell->at = end ? (size_t)(end - shell->text) : shell->length;
		return true;
	}
	if (byte == '<' && peek(shell, 1) == '<' && peek(shell, 2) == '<') {
		shell->at += 3;
		return true;
	}
	if (byte == '<' && peek(shell, 1) == '<') {
		return take_delimiter(shell);
	}
	shell->at++;
	if (byte == ')' && inside(shell) == SUBSTITUTION) {
		shell->depth--;
	} else if (byte == '(' && inside(shell) == SUBSTITUTION) {
		return enter(shell, SUBSTITUTION);
	} else if (byte == '\n' && shell->delimiter[0]) {
		return skip_document(shell);
	}
	return true;
}

/* What means the same with double quotes around it and without. */
static bool
step(struct shell *shell)
{
	char byte = peek(shell, 0);

	if (byte == '\\') {
		shell->at += 2;
		return shell->at <= shell->length;
	}
	if (byte == '`') {
		shell->at++;
		if (inside(shell) == BACKTICKS) {
			shell->depth--;
			return true;
		}
		return enter(shell, BACKTICKS);
	}
	if (byte == '$' && peek(shell, 1) == '(') {
		shell->at += 2;
		return enter(shell, SUBSTITUTION);
	}
	if (byte == '"') {
		shell->at++;
		if (inside(shell) == DOUBLE) {
			shell->depth--;
			return true;
		}
		return enter(shell, DOUBLE);
	}
	if (byte == '$' && peek(shell, 1) == '#') {
		shell->at += 2;
		return true;
	}
	if (inside(shell) == DOUBLE) {
		shell->at++;
		return true;
	}
	return step_plain(shell);
}

bool
shell_each_path(const char *text, size_t length,
	void (*each)(void *context, const struct shell_path *path), void *context)
{
	struct shell shell = {.text = text, .length = length};

	while (shell.at < length) {
		struct shell_path path;
		if (peek(&shell, 0) != '/') {
			if (!step(&shell)) {
				return false;
			}
		} else if (see_path(&shell, &path)) {
			each(context, &path);
		}
	}
	return shell.depth == 0 && !shell.delimiter[0];
}

bool
shell_is_one(const char *name)
{
	static const char *const names[] = {"sh", "bash", "dash", "ksh", "ksh93", "mksh", "ash"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(name, names[i]) == 0) {
			return true;
		}
	}
	return false;
}
