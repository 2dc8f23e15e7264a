/* SPDX-License-Identifier: MIT */
#include "source.h"

#include "base/mem.h"
#include "lexer.h"

#include <stdlib.h>
#include <string.h>

/* How far below its line a call's name is looked for (`value\n:method{…}`). */
enum { NEAR_LINES = 20 };

void
source_add(struct sources *sources, struct source *take_source)
{
	take_source->next = sources->first;
	sources->first = take_source;
}

void
source_drop(struct sources *sources)
{
	while (sources->first) {
		struct source *source = sources->first;
		sources->first = source->next;
		free(source->display);
		free(source->where);
		free(source->dir);
		free(source->root);
		free(source->text);
		free(source);
	}
}

const struct source *
source_get(const struct sources *sources, const char *where)
{
	const struct source *source = sources->first;

	while (source && strcmp(source->where, where) != 0) {
		source = source->next;
	}
	return source;
}

const char *
source_line(const struct source *source, size_t line, size_t *ret_length)
{
	const char *at = source->text, *end = source->text + source->length;

	for (size_t i = 1; i < line && at; i++) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	if (!at || line == 0) {
		return NULL;
	}
	const char *stop = memchr(at, '\n', (size_t)(end - at));
	size_t length = (size_t)((stop ? stop : end) - at);
	*ret_length = length > 0 && at[length - 1] == '\r' ? length - 1 : length;
	return at;
}

static struct spot
spot_of(const struct source *source, const struct token *token)
{
	size_t length = 0, column = 1;
	const char *line = source_line(source, token->line, &length);

	for (const char *at = line; at && at < token->text; at++) {
		column += ((unsigned char)*at & 0xC0) != 0x80;
	}
	return (struct spot){token->line, column};
}

static struct spot
first_word(const struct source *source, size_t line)
{
	size_t length = 0, blank = 0;
	const char *text = source_line(source, line, &length);

	while (text && blank < length && (text[blank] == ' ' || text[blank] == '\t')) {
		blank++;
	}
	return (struct spot){line, blank < length ? blank + 1 : 1};
}

/* The key of the entry that starts at `first`; ret_value is the first token of its value. */
static struct step_to
read_key(struct lexer *lexer, struct token first, size_t *position, struct token *ret_key,
	struct token *ret_value)
{
	struct lexer ahead = *lexer;
	struct token second = lexer_next(&ahead);

	if (first.kind == TOKEN_NAME && second.kind == '=') {
		*lexer = ahead;
		*ret_key = first;
		*ret_value = lexer_next(lexer);
		return (struct step_to){.name = first.text};
	}
	if (first.kind == '[') {
		struct token closing = lexer_next(&ahead), equals = lexer_next(&ahead);
		if (closing.kind == ']' && equals.kind == '=') {
			*lexer = ahead;
			*ret_key = second;
			*ret_value = lexer_next(lexer);
			return (struct step_to){.name = second.text};
		}
	}
	*ret_key = *ret_value = first;
	return (struct step_to){.index = ++*position};
}

static bool
is_key(const struct token *key, const struct step_to *found, const struct step_to *wanted)
{
	if (!wanted->name || !found->name) {
		return !wanted->name && !found->name && wanted->index == found->index;
	}
	size_t quote = key->kind == TOKEN_STRING ? 1 : 0, length = strlen(wanted->name);
	return key->length == length + 2 * quote &&
	       memcmp(key->text + quote, wanted->name, length) == 0;
}

/* Passes over the rest of an entry; false at the end of the table. */
static bool
skip_value(struct lexer *lexer, struct token token)
{
	size_t depth = 0;

	for (;; token = lexer_next(lexer)) {
		if (token.kind == TOKEN_END) {
			return false;
		}
		if (depth == 0 && (token.kind == ',' || token.kind == ';')) {
			return true;
		}
		if (depth == 0 && lexer_closes(&token)) {
			return false;
		}
		depth += lexer_opens(&token);
		depth -= lexer_closes(&token);
	}
}

/* Is a table constructor next: `{`, `name{`, `name({`? Moves behind its brace. */
static bool
enter_table(struct lexer *lexer, struct token token)
{
	if (token.kind == TOKEN_NAME) {
		token = lexer_next(lexer);
	}
	if (token.kind == '(') {
		token = lexer_next(lexer);
	}
	return token.kind == '{';
}

static struct spot
descend(const struct source *source, struct lexer lexer, struct spot spot,
	const struct step_to *path, size_t path_length)
{
	size_t position = 0;

	while (path_length > 0) {
		struct token first = lexer_next(&lexer), key, value;
		if (first.kind == TOKEN_END || first.kind == '}') {
			break;
		}
		struct step_to found = read_key(&lexer, first, &position, &key, &value);
		if (!is_key(&key, &found, path)) {
			if (!skip_value(&lexer, value)) {
				break;
			}
			continue;
		}
		spot = spot_of(source, &first);
		if (!enter_table(&lexer, value)) {
			break;
		}
		path++;
		path_length--;
		position = 0;
	}
	return spot;
}

static bool
is_word(const struct token *token, const char *word)
{
	return token->kind == TOKEN_NAME && token->length == strlen(word) &&
	       memcmp(token->text, word, token->length) == 0;
}

struct spot
source_find_last(const struct source *source, const char *word)
{
	struct lexer lexer = lexer_of(source->text, source->length);
	struct token token = lexer_next(&lexer);
	struct spot spot = first_word(source, 1);

	for (; token.kind != TOKEN_END; token = lexer_next(&lexer)) {
		spot = is_word(&token, word) ? spot_of(source, &token) : spot;
	}
	return spot;
}

struct spot
source_find(const struct source *source, size_t line, const char *call, const struct step_to *path,
	size_t path_length)
{
	struct lexer lexer = lexer_of(source->text, source->length);
	struct token token = lexer_next(&lexer);

	while (call && token.kind != TOKEN_END && token.line < line + NEAR_LINES) {
		if (token.line >= line && is_word(&token, call)) {
			struct spot spot = spot_of(source, &token);
			return enter_table(&lexer, token)
				       ? descend(source, lexer, spot, path, path_length)
				       : spot;
		}
		token = lexer_next(&lexer);
	}
	return first_word(source, line);
}
