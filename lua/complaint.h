/* SPDX-License-Identifier: MIT */
/* Complaints about a recipe: where it is, the line, a caret, the nearest known name. */
#ifndef BRUN_COMPLAINT_H
#define BRUN_COMPLAINT_H

#include <stddef.h>

struct lua_State;
struct source;

/* The innermost recipe code that is being run. */
struct frame {
	const struct source *source; /* NULL: no recipe is on the stack */
	size_t line;
	const char *call; /* name of the primitive that it called, or NULL */
	int level;	  /* of the Lua stack */
};

/* Finds the innermost frame of a recipe at `level` of the stack or further out. */
struct frame complaint_frame(struct lua_State *L, int level);

/* Raises a Lua error about the call that recipe code is in. Never returns. */
int complaint_raise(struct lua_State *L, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* The same for a limit: the evaluation ends with STATUS_LIMIT. */
int complaint_limit(struct lua_State *L, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* The same about a field: the Lua list at path_index (0: none) leads to it. `name` (or NULL) is
 * what is unknown; the table at known_index (0: none) has the known names as keys. */
int complaint_about(struct lua_State *L, int path_index, const char *text, const char *name,
	int known_index) __attribute__((noreturn));

/* The same about a word in the recipe's current line. */
int complaint_word(struct lua_State *L, const char *text, const char *word, int known_index)
	__attribute__((noreturn));

/* Makes a file that does not compile into a complaint: Lua's message, "WHERE:LINE: text". */
int complaint_syntax(struct lua_State *L, const struct source *source, const char *message)
	__attribute__((noreturn));

/* Message handler: what Lua itself raised becomes a complaint, too. */
int complaint_handler(struct lua_State *L);

#endif
