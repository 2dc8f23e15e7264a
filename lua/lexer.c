/* SPDX-License-Identifier: MIT */
#include "lexer.h"

#include <string.h>

struct lexer
lexer_of(const char *text, size_t length)
{
	return (struct lexer){text, text + length, 1};
}

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool
is_word(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
	       is_digit(byte);
}

static void
advance(struct lexer *lexer)
{
	lexer->line += *lexer->at == '\n';
	lexer->at++;
}

/* The level of a long bracket `[==[` that starts at `at`, or -1. */
static int
long_level(const struct lexer *lexer, const char *at)
{
	int level = 0;

	if (at >= lexer->end || *at != '[') {
		return -1;
	}
	for (at++; at < lexer->end && *at == '='; at++) {
		level++;
	}
	return at < lexer->end && *at == '[' ? level : -1;
}

static void
skip_long(struct lexer *lexer, int level)
{
	for (; lexer->at < lexer->end; advance(lexer)) {
		const char *at = lexer->at + 1;
		int seen = 0;
		if (*lexer->at != ']') {
			continue;
		}
		for (; at < lexer->end && *at == '='; at++) {
			seen++;
		}
		if (seen == level && at < lexer->end && *at == ']') {
			lexer->at = at + 1;
			return;
		}
	}
}

static void
skip_quoted(struct lexer *lexer)
{
	char quote = *lexer->at;

	for (advance(lexer); lexer->at < lexer->end && *lexer->at != quote; advance(lexer)) {
		if (*lexer->at == '\\' && lexer->at + 1 < lexer->end) {
			advance(lexer);
		}
	}
	lexer->at += lexer->at < lexer->end;
}

static void
skip_comment(struct lexer *lexer)
{
	int level = long_level(lexer, lexer->at + 2);

	if (level >= 0) {
		skip_long(lexer, level);
		return;
	}
	const char *end = memchr(lexer->at, '\n', (size_t)(lexer->end - lexer->at));
	lexer->at = end ? end : lexer->end;
}

static void
skip_blank(struct lexer *lexer)
{
	while (lexer->at < lexer->end) {
		if (lexer->at + 1 < lexer->end && lexer->at[0] == '-' && lexer->at[1] == '-') {
			skip_comment(lexer);
		} else if (strchr(" \t\r\n\f\v", *lexer->at) && *lexer->at) {
			advance(lexer);
		} else {
			return;
		}
	}
}

static int
skip_operator(struct lexer *lexer)
{
	char byte = *lexer->at;

	advance(lexer);
	if (strchr("=<>~", byte) && byte && lexer->at < lexer->end && *lexer->at == '=') {
		advance(lexer);
		return TOKEN_OTHER;
	}
	return byte ? (unsigned char)byte : TOKEN_OTHER;
}

struct token
lexer_next(struct lexer *lexer)
{
	skip_blank(lexer);
	struct token token = {TOKEN_END, lexer->at, 0, lexer->line};
	if (lexer->at >= lexer->end) {
		return token;
	}
	int level = long_level(lexer, lexer->at);
	if (level >= 0) {
		token.kind = TOKEN_STRING;
		skip_long(lexer, level);
	} else if (*lexer->at == '"' || *lexer->at == '\'') {
		token.kind = TOKEN_STRING;
		skip_quoted(lexer);
	} else if (is_word(*lexer->at)) {
		token.kind = is_digit(*lexer->at) ? TOKEN_NUMBER : TOKEN_NAME;
		while (lexer->at < lexer->end && is_word(*lexer->at)) {
			advance(lexer);
		}
	} else {
		token.kind = skip_operator(lexer);
	}
	token.length = (size_t)(lexer->at - token.text);
	return token;
}

static bool
is_one_of(const struct token *token, const char *const *words)
{
	for (; *words; words++) {
		if (token->length == strlen(*words) &&
			memcmp(token->text, *words, token->length) == 0) {
			return true;
		}
	}
	return false;
}

bool
lexer_opens(const struct token *token)
{
	/* `while` and `for` open with their `do`. */
	static const char *const words[] = {"function", "if", "do", "repeat", NULL};

	return token->kind == '(' || token->kind == '{' || token->kind == '[' ||
	       (token->kind == TOKEN_NAME && is_one_of(token, words));
}

bool
lexer_closes(const struct token *token)
{
	static const char *const words[] = {"end", "until", NULL};

	return token->kind == ')' || token->kind == '}' || token->kind == ']' ||
	       (token->kind == TOKEN_NAME && is_one_of(token, words));
}
