/* SPDX-License-Identifier: MIT */
/* Just enough of Lua's lexical rules to find things in a recipe's text. */
#ifndef BRUN_LEXER_H
#define BRUN_LEXER_H

#include <stdbool.h>
#include <stddef.h>

/* Other kinds are the character itself; "==" and its like are TOKEN_OTHER. */
enum { TOKEN_END = 0, TOKEN_NAME = 256, TOKEN_STRING, TOKEN_NUMBER, TOKEN_OTHER };

struct token {
	int kind;
	const char *text; /* into the source */
	size_t length;
	size_t line; /* from 1 */
};

/* A value: copying it is a look ahead. */
struct lexer {
	const char *at, *end;
	size_t line;
};

/* A lexer at the start of the text, which is borrowed. */
struct lexer lexer_of(const char *text, size_t length);

/* The next token, comments and blanks passed over; broken text gives some tokens and an end. */
struct token lexer_next(struct lexer *lexer);

/* Does a bracket or a block begin, or end, with it? */
bool lexer_opens(const struct token *token);
bool lexer_closes(const struct token *token);

#endif
