/* SPDX-License-Identifier: MIT */
/* Globs as a set of states: state i is "the pattern up to byte i has matched what was read so
 * far". Time is pattern times path whatever the pattern, and after "dir/" a set that is empty
 * says that nothing below dir can match. */
#include "tree/glob.h"

#include "base/mem.h"
#include "tree/tree.h"

#include <stddef.h>
#include <string.h>

enum token { TOKEN_END, TOKEN_BYTE, TOKEN_ANY, TOKEN_SET, TOKEN_STAR, TOKEN_ALL, TOKEN_DIRS };

/* What stands at pattern[at], and where the next token begins. "**" + "/" at the start of a
 * component is TOKEN_DIRS: no directory at all, or any number of them. */
static enum token
token_at(const char *pattern, size_t at, size_t *ret_next)
{
	const char *text = pattern + at;

	*ret_next = at + 1;
	switch (text[0]) {
	case '\0':
		*ret_next = at;
		return TOKEN_END;
	case '?':
		return TOKEN_ANY;
	case '*':
		if (text[1] != '*') {
			return TOKEN_STAR;
		}
		if (text[2] == '/' && (at == 0 || text[-1] == '/')) {
			*ret_next = at + 3;
			return TOKEN_DIRS;
		}
		*ret_next = at + 2;
		return TOKEN_ALL;
	case '[': {
		/* A ']' that comes first is a member; a '[' that is never closed is itself. */
		size_t first = text[1] == '!' || text[1] == '^' ? 2 : 1;
		const char *end = text[first] ? strchr(text + first + 1, ']') : NULL;
		if (!end) {
			return TOKEN_BYTE;
		}
		*ret_next = at + (size_t)(end - text) + 1;
		return TOKEN_SET;
	}
	default:
		return TOKEN_BYTE;
	}
}

/* Does [set] (from its '[' to behind its ']') hold the byte? */
static bool
set_holds(const char *set, const char *end, unsigned char byte)
{
	bool is_negated = set[1] == '!' || set[1] == '^';
	bool is_member = false;

	for (const char *at = set + (is_negated ? 2 : 1); at < end - 1; at++) {
		unsigned char low = (unsigned char)*at, high = low;
		if (at[1] == '-' && at + 2 < end - 1) {
			high = (unsigned char)at[2];
			at += 2;
		}
		is_member |= low <= byte && byte <= high;
	}
	return is_member != is_negated && byte != '/';
}

/* Adds a state, and those that it reaches without reading. */
static void
enter(const char *pattern, bool *states, size_t at)
{
	for (;;) {
		size_t next;
		enum token token = token_at(pattern, at, &next);
		states[at] = true;
		if (token != TOKEN_STAR && token != TOKEN_ALL && token != TOKEN_DIRS) {
			return;
		}
		at = next;
	}
}

static void
step(const char *pattern, size_t at, unsigned char byte, bool *ret_states)
{
	size_t next;
	bool is_taken = false;

	switch (token_at(pattern, at, &next)) {
	case TOKEN_END:
		return;
	case TOKEN_BYTE:
		is_taken = (unsigned char)pattern[at] == byte;
		break;
	case TOKEN_ANY:
		is_taken = byte != '/';
		break;
	case TOKEN_SET:
		is_taken = set_holds(pattern + at, pattern + next, byte);
		break;
	case TOKEN_STAR:
		if (byte != '/') {
			enter(pattern, ret_states, at);
		}
		return;
	case TOKEN_ALL:
		enter(pattern, ret_states, at);
		return;
	case TOKEN_DIRS:
		/* Inside a name: it goes on only behind a '/'. */
		ret_states[at] = true;
		is_taken = byte == '/';
		break;
	}
	if (is_taken) {
		enter(pattern, ret_states, next);
	}
}

/* Reads path, and "/" behind it where is_prefix; is there a way on (or, else, an end)? */
static bool
run(const char *pattern, const char *path, bool is_prefix)
{
	size_t length = strlen(pattern), path_length = strlen(path);
	cleanup_free bool *block = mem_zalloc(2 * (length + 1), sizeof(bool));
	bool *now = block, *then = block + length + 1;

	enter(pattern, now, 0);
	for (size_t i = 0; i < path_length + is_prefix; i++) {
		unsigned char byte = i < path_length ? (unsigned char)path[i] : '/';
		memset(then, 0, length + 1);
		for (size_t at = 0; at < length; at++) {
			if (now[at]) {
				step(pattern, at, byte, then);
			}
		}
		bool *swap = now;
		now = then;
		then = swap;
	}
	return is_prefix ? memchr(now, 1, length) != NULL : now[length];
}

bool
tree_glob(const char *pattern, const char *path)
{
	return pattern[strcspn(pattern, "*?[")] ? run(pattern, path, false)
						: strcmp(pattern, path) == 0;
}

static bool
is_absent(const char *const *list)
{
	return !list || !list[0];
}

bool
glob_selects(const struct glob_rules *rules, const char *path)
{
	bool is_included = is_absent(rules->include);

	for (size_t i = 0; !is_included && rules->include[i]; i++) {
		is_included = tree_glob(rules->include[i], path);
	}
	for (size_t i = 0; is_included && rules->exclude && rules->exclude[i]; i++) {
		is_included = !tree_glob(rules->exclude[i], path);
	}
	return is_included;
}

bool
glob_may_descend(const struct glob_rules *rules, const char *path)
{
	if (is_absent(rules->include)) {
		return true;
	}
	for (size_t i = 0; rules->include[i]; i++) {
		if (run(rules->include[i], path, true)) {
			return true;
		}
	}
	return false;
}
