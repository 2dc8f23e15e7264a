/* SPDX-License-Identifier: MIT */
/* Recipes by name: each is found, compiled and run once, and what it returned is kept. */
#include "complaint.h"
#include "inside.h"
#include "locate.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

/* In the registry: `where` -> result, and the list of what is being evaluated. */
static const char results[] = "brun.results", chain[] = "brun.chain";

static void
push_kept(lua_State *L, const char *key)
{
	if (lua_getfield(L, LUA_REGISTRYINDEX, key) != LUA_TTABLE) {
		lua_pop(L, 1);
		lua_newtable(L);
		lua_pushvalue(L, -1);
		lua_setfield(L, LUA_REGISTRYINDEX, key);
	}
}

/* Complains where `where` is being evaluated already: "curl -> openssl -> curl". */
static void
refuse_cycle(lua_State *L, const char *where, int path_index)
{
	struct buf text = {0};
	bool is_inside = false;

	push_kept(L, chain);
	lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(L, -1, i);
		const char *name = lua_tostring(L, -1);
		if (strcmp(name, where) == 0) {
			is_inside = true;
			buf_puts(&text, "recipes need each other in a circle: ");
		}
		if (is_inside) {
			buf_printf(&text, "%s -> ", name);
		}
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	if (is_inside) {
		buf_puts(&text, where);
		lua_pushstring(L, buf_text(&text));
		buf_done(&text);
		complaint_about(L, path_index, lua_tostring(L, -1), NULL, 0);
	}
}

static void
set_chain(lua_State *L, lua_Integer index, const char *where)
{
	push_kept(L, chain);
	lua_pushstring(L, where);
	lua_rawseti(L, -2, index);
	lua_pop(L, 1);
}

long long
recipe_depth(lua_State *L)
{
	push_kept(L, chain);
	lua_Integer length = (lua_Integer)lua_rawlen(L, -1);
	lua_pop(L, 1);
	return length;
}

void
recipe_unwind(lua_State *L, long long depth)
{
	for (lua_Integer i = recipe_depth(L); i > depth; i--) {
		set_chain(L, i, NULL);
	}
}

/* Compiles and runs; pushes the one result. Each recipe has globals of its own. */
static void
run_source(lua_State *L, const struct source *source)
{
	const char *name = lua_pushfstring(L, "@%s", source->where);

	if (source->length && *source->text == LUA_SIGNATURE[0]) {
		complaint_syntax(L, source, "this is compiled Lua; a recipe is text");
	}
	int status = luaL_loadbufferx(L, source->text, source->length, name, "t");
	if (status == LUA_ERRMEM) {
		lua_error(L);
	}
	if (status != LUA_OK) {
		complaint_syntax(L, source, lua_tostring(L, -1));
	}
	lua_getfield(L, LUA_REGISTRYINDEX, "brun.environment");
	lua_call(L, 0, 1);
	lua_setupvalue(L, -2, 1);
	lua_call(L, 0, 1);
	if (lua_isnil(L, -1)) {
		complaint_syntax(L, source,
			"the recipe returns nothing: it should end with `return package{…}`");
	}
	lua_remove(L, -2);
}

/* Complains that there is no such sibling, with the nearest names. */
static void
refuse_name(
	lua_State *L, const struct source *from, const char *name, int path_index, const char *why)
{
	struct inside *inside = inside_of(L);
	size_t count = 0;
	char **names = locate_names(inside, from, &count);

	lua_newtable(L);
	for (size_t i = 0; i < count; i++) {
		lua_pushboolean(L, true);
		lua_setfield(L, -2, names[i]);
		free(names[i]);
	}
	free(names);
	const char *text = lua_pushfstring(L, "there is no recipe '%s' beside this one%s%s", name,
		inside->library ? " or in the library" : "", why);
	complaint_about(L, path_index, text, name, lua_gettop(L) - 1);
}

static bool
is_name(const char *name)
{
	return *name && *name != '.' && *name != '-' &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "._+-")] == '\0';
}

/* The source of a sibling: one that was read before, or read now. */
static const struct source *
find_source(lua_State *L, const char *name, int path_index, const char *why)
{
	struct inside *inside = inside_of(L);
	const struct source *from = complaint_frame(L, 0).source;
	struct source *source = NULL;
	struct err err = {0};

	if (!is_name(name)) {
		lua_pushfstring(
			L, "'%s' is not a recipe's name: letters, digits and . _ + -", name);
		complaint_about(L, path_index, lua_tostring(L, -1), NULL, 0);
	}
	int found = locate_sibling(inside, from, name, &source, &err);
	if (found < 0) {
		complaint_raise(L, "%s", err.text);
	}
	if (found == 0) {
		refuse_name(L, from, name, path_index, why);
	}
	const struct source *known = source_get(&inside->sources, source->where);
	struct sources twice = {0};
	source_add(known ? &twice : &inside->sources, source);
	source_drop(&twice);
	return known ? known : source;
}

void
recipe_push(lua_State *L, const char *name, int path_index, const char *why)
{
	luaL_checkstack(L, 10, NULL);
	const struct source *source =
		name ? find_source(L, name, path_index, why) : inside_of(L)->main;

	push_kept(L, results);
	if (lua_getfield(L, -1, source->where) != LUA_TNIL) {
		lua_remove(L, -2);
		return;
	}
	lua_pop(L, 1);
	refuse_cycle(L, source->where, path_index);
	lua_Integer depth = recipe_depth(L) + 1;
	set_chain(L, depth, source->where);
	run_source(L, source);
	set_chain(L, depth, NULL);
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, source->where);
	lua_remove(L, -2);
}
