/* SPDX-License-Identifier: MIT */
#include "complaint.h"

#include "base/mem.h"
#include "base/nearest.h"
#include "entry.h"
#include "inside.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LONGEST_PATH = 8, /* steps to a field */
	LONGEST_TEXT = 1024,
	MOST_KNOWN = 12,    /* names that are listed where none is near */
	LONGEST_LINE = 200, /* of a recipe that is shown */
	MOST_LEVELS = 1000, /* of the stack that are looked at: finding one costs its depth */
};

struct frame
complaint_frame(lua_State *L, int level)
{
	struct frame frame = {0};
	lua_Debug at;

	for (; level < MOST_LEVELS && lua_getstack(L, level, &at); level++) {
		lua_getinfo(L, "Sl", &at);
		if (*at.source == '@') {
			frame.source = source_get(&inside_of(L)->sources, at.source + 1);
			frame.line = at.currentline > 0 ? (size_t)at.currentline : 1;
			frame.level = level;
			return frame;
		}
		const char *call = entry_name(L, &at);
		frame.call = call ? call : frame.call;
	}
	return (struct frame){0};
}

static void
add_line(struct buf *text, const struct source *source, struct spot spot)
{
	size_t length = 0;
	const char *line = source_line(source, spot.line, &length);

	if (!line || length == 0 || length > LONGEST_LINE) {
		return;
	}
	buf_puts(text, "\n    ");
	buf_add(text, line, length);
	buf_puts(text, "\n    ");
	size_t column = 1;
	for (size_t i = 0; i < length && column < spot.column; i++) {
		if (((unsigned char)line[i] & 0xC0) != 0x80) {
			buf_putc(text, line[i] == '\t' ? '\t' : ' ');
			column++;
		}
	}
	buf_putc(text, '^');
}

/* Which recipe asked for the one that went wrong. */
static void
add_importers(lua_State *L, struct buf *text, const struct frame *frame)
{
	const struct source *last = frame->source;
	struct frame outer = complaint_frame(L, frame->level + 1);

	while (outer.source) {
		if (outer.source != last) {
			buf_printf(text, "\nneeded by %s:%zu", outer.source->display, outer.line);
			last = outer.source;
		}
		outer = complaint_frame(L, outer.level + 1);
	}
}

static int
by_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The string keys of the table, sorted; borrowed from Lua, the array is the caller's. */
static const char **
known_names(lua_State *L, int index, size_t *ret_count)
{
	const char **names = NULL;
	size_t count = 0;

	lua_pushnil(L);
	while (lua_next(L, index)) {
		lua_pop(L, 1);
		if (lua_type(L, -1) == LUA_TSTRING) {
			names = mem_resize(names, count + 1, sizeof(*names));
			names[count++] = lua_tostring(L, -1);
		}
	}
	if (count) {
		qsort(names, count, sizeof(*names), by_text);
	}
	*ret_count = count;
	return names;
}

static void
add_nearest(lua_State *L, struct buf *text, const char *name, int known_index)
{
	size_t count = 0;
	cleanup_free const char **known = known_names(L, known_index, &count);
	const char *best = nearest_name(name, known, count);

	if (best) {
		buf_printf(text, "\ndid you mean '%s'?", best);
	} else if (count > 0 && count <= MOST_KNOWN) {
		buf_puts(text, "\nknown: ");
		for (size_t i = 0; i < count; i++) {
			buf_printf(text, "%s%s", i ? ", " : "", known[i]);
		}
	}
}

/* What is to be said about one place. */
struct finding {
	enum status status;
	const char *text;
	const char *name; /* what is unknown, or NULL */
	int known_index;
	const char *advice; /* or NULL */
};

static void __attribute__((noreturn))
raise_at(lua_State *L, const struct frame *frame, struct spot spot, const struct finding *finding)
{
	struct inside *inside = inside_of(L);
	struct buf text = {0};
	/* What is wrong with the result is found when the recipe has ended: at its return. */
	const struct source *source = frame->source ? frame->source : inside->main;

	spot = frame->source ? spot : source_find_last(source, "return");
	buf_printf(&text, "%s:%zu:%zu: %s", source->display, spot.line, spot.column, finding->text);
	add_line(&text, source, spot);
	if (finding->name && finding->known_index) {
		add_nearest(L, &text, finding->name, finding->known_index);
	}
	if (finding->advice) {
		buf_printf(&text, "\n%s", finding->advice);
	}
	if (frame->source) {
		add_importers(L, &text, frame);
	}
	/* A recipe's text must not steer the terminal that shows it. */
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		bool is_control = (byte < ' ' && byte != '\n' && byte != '\t') || byte == 0x7f;
		text.data[i] = is_control ? '?' : text.data[i];
	}
	err_fail(&inside->complaint, finding->status, "%s", buf_text(&text));
	buf_done(&text);
	lua_pushstring(L, inside->complaint.text);
	lua_error(L);
	abort(); /* lua_error does not return */
}

/* At the call of `call` (NULL: of what the recipe called) in the line that runs, or at what the
 * path leads to in what is given to it. */
static void __attribute__((noreturn)) raise_here(lua_State *L, const char *call,
	const struct step_to *path, size_t path_length, const struct finding *finding)
{
	struct frame frame = complaint_frame(L, 0);
	struct spot spot = {0};

	if (frame.source) {
		spot = source_find(
			frame.source, frame.line, call ? call : frame.call, path, path_length);
	}
	raise_at(L, &frame, spot, finding);
}

int
complaint_raise(lua_State *L, const char *format, ...)
{
	char text[LONGEST_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	raise_here(L, NULL, NULL, 0, &(struct finding){STATUS_RECIPE, text, NULL, 0, NULL});
}

int
complaint_limit(lua_State *L, const char *format, ...)
{
	char text[LONGEST_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	raise_here(L, NULL, NULL, 0,
		&(struct finding){STATUS_LIMIT, text, NULL, 0, INSIDE_LIMIT_ADVICE});
}

static size_t
read_path(lua_State *L, int index, struct step_to *path)
{
	size_t length = 0;

	while (length < LONGEST_PATH && lua_rawgeti(L, index, (lua_Integer)length + 1)) {
		if (lua_type(L, -1) == LUA_TSTRING) {
			path[length] = (struct step_to){.name = lua_tostring(L, -1)};
		} else {
			path[length] = (struct step_to){.index = (size_t)lua_tointeger(L, -1)};
		}
		length++;
	}
	return length;
}

int
complaint_about(lua_State *L, int path_index, const char *text, const char *name, int known_index)
{
	struct step_to path[LONGEST_PATH];

	luaL_checkstack(L, LONGEST_PATH + 4, NULL);
	size_t length = path_index ? read_path(L, path_index, path) : 0;
	raise_here(
		L, NULL, path, length, &(struct finding){STATUS_RECIPE, text, name, known_index});
}

int
complaint_word(lua_State *L, const char *text, const char *word, int known_index)
{
	raise_here(L, word, NULL, 0, &(struct finding){STATUS_RECIPE, text, word, known_index});
}

/* Lua's "WHERE:LINE: text" as its line and text; WHERE may have been cut short by Lua. */
static const char *
split_message(const struct source *source, const char *message, size_t *line)
{
	char *end = NULL;
	const char *at = strchr(message, ':');
	size_t length = strlen(source->where);

	if (strncmp(message, source->where, length) == 0 && message[length] == ':') {
		at = message + length;
	}
	unsigned long number = at ? strtoul(at + 1, &end, 10) : 0;
	if (!at || end == at + 1 || strncmp(end, ": ", 2) != 0) {
		return message;
	}
	*line = number;
	return end + 2;
}

int
complaint_syntax(lua_State *L, const struct source *source, const char *message)
{
	struct frame frame = {.source = source, .line = 1};
	const char *text = split_message(source, message, &frame.line);
	struct spot spot = source_find(source, frame.line, NULL, NULL, 0);

	raise_at(L, &frame, spot, &(struct finding){STATUS_RECIPE, text, NULL, 0});
}

/* What is called or indexed stands in Lua's message: "(global 'x')", "(field 'x')", … */
static struct spot
spot_of_message(const struct frame *frame, const char *text)
{
	char word[128] = "";
	const char *quote = strstr(text, " '");

	if (!quote || sscanf(quote, " '%127[^']'", word) != 1) {
		return source_find(frame->source, frame->line, NULL, NULL, 0);
	}
	return source_find(frame->source, frame->line, word, NULL, 0);
}

static int
raise_message(lua_State *L)
{
	const char *message = lua_tostring(L, 1);
	struct frame frame = complaint_frame(L, 1);
	struct finding finding = {STATUS_RECIPE, message, NULL, 0, NULL};
	struct spot spot = {0};

	if (frame.source) {
		finding.text = split_message(frame.source, message, &frame.line);
		spot = spot_of_message(&frame, finding.text);
	}
	if (strstr(finding.text, "stack overflow")) {
		finding.status = STATUS_LIMIT;
		finding.text = "the recipe calls itself too deeply (stack overflow)";
	} else if (strstr(finding.text, "string too large") ||
		   strstr(finding.text, "not enough memory")) {
		finding.status = STATUS_LIMIT;
		finding.advice = INSIDE_LIMIT_ADVICE;
	}
	raise_at(L, &frame, spot, &finding);
}

int
complaint_handler(lua_State *L)
{
	if (lua_type(L, 1) != LUA_TSTRING) {
		lua_pushfstring(L, "error with a %s as its value", luaL_typename(L, 1));
		lua_replace(L, 1);
	}
	if (strcmp(lua_tostring(L, 1), inside_of(L)->complaint.text) == 0) {
		return 1;
	}
	/* An error raised in a message handler would call it again: a protected call of its own. */
	lua_pushcfunction(L, raise_message);
	lua_pushvalue(L, 1);
	lua_pcall(L, 1, 1, 0);
	return 1;
}
