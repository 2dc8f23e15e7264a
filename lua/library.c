/* SPDX-License-Identifier: MIT */
/* The part of Lua's standard library that recipes may have. What is left out or replaced would let
 * a recipe see something else than its own text: files, the clock, addresses, the order in which
 * a hash table happens to lie in memory. */
#include "complaint.h"
#include "inside.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Numbers, then strings bytewise, then booleans. */
static int
compare_keys(lua_State *L, int a, int b)
{
	static const int ranks[] = {[LUA_TNUMBER] = 0, [LUA_TSTRING] = 1, [LUA_TBOOLEAN] = 2};
	int type_a = lua_type(L, a), type_b = lua_type(L, b);

	if (type_a != type_b) {
		return ranks[type_a] - ranks[type_b];
	}
	if (type_a == LUA_TSTRING) {
		size_t length_a, length_b;
		const char *text_a = lua_tolstring(L, a, &length_a);
		const char *text_b = lua_tolstring(L, b, &length_b);
		int order = memcmp(text_a, text_b, length_a < length_b ? length_a : length_b);
		return order ? order : (length_a > length_b) - (length_a < length_b);
	}
	if (type_a == LUA_TBOOLEAN) {
		return lua_toboolean(L, a) - lua_toboolean(L, b);
	}
	return lua_compare(L, b, a, LUA_OPLT) - lua_compare(L, a, b, LUA_OPLT);
}

static void
check_key(lua_State *L, int index)
{
	int type = lua_type(L, index);

	if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TBOOLEAN) {
		complaint_raise(L,
			"a table with a %s as a key has no order: use strings or numbers as keys",
			lua_typename(L, type));
	}
}

/* next(table, key): the key behind `key` in sorted order, and its value. */
static int
sorted_next(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 2);
	if (!lua_isnil(L, 2)) {
		check_key(L, 2);
	}
	lua_pushnil(L); /* 3: the best so far */
	lua_pushnil(L);
	while (lua_next(L, 1)) {
		lua_pop(L, 1);
		check_key(L, 4);
		bool is_behind = lua_isnil(L, 2) || compare_keys(L, 4, 2) > 0;
		if (is_behind && (lua_isnil(L, 3) || compare_keys(L, 4, 3) < 0)) {
			lua_pushvalue(L, 4);
			lua_replace(L, 3);
		}
	}
	lua_settop(L, 3);
	if (lua_isnil(L, 3)) {
		return 1;
	}
	lua_pushvalue(L, 3);
	lua_rawget(L, 1);
	return 2;
}

/* A step of pairs: upvalues are the table, its sorted keys and where we are. */
static int
pairs_step(lua_State *L)
{
	lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));

	for (;;) {
		at++;
		lua_settop(L, 0);
		if (lua_rawgeti(L, lua_upvalueindex(2), at) == LUA_TNIL) {
			return 1;
		}
		lua_pushvalue(L, 1);
		if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) {
			lua_pushinteger(L, at);
			lua_replace(L, lua_upvalueindex(3));
			return 2;
		}
	}
}

/* Heap sort of the list at index 2: no recursion, and no other order for equal keys to have. */
static bool
is_less(lua_State *L, lua_Integer a, lua_Integer b)
{
	lua_rawgeti(L, 2, a);
	lua_rawgeti(L, 2, b);
	bool is = compare_keys(L, -2, -1) < 0;
	lua_pop(L, 2);
	return is;
}

static void
swap(lua_State *L, lua_Integer a, lua_Integer b)
{
	lua_rawgeti(L, 2, a);
	lua_rawgeti(L, 2, b);
	lua_rawseti(L, 2, a);
	lua_rawseti(L, 2, b);
}

static void
sift(lua_State *L, lua_Integer at, lua_Integer count)
{
	for (lua_Integer child = 2 * at; child <= count; child = 2 * at) {
		if (child < count && is_less(L, child, child + 1)) {
			child++;
		}
		if (!is_less(L, at, child)) {
			return;
		}
		swap(L, at, child);
		at = child;
	}
}

static int
sorted_pairs(lua_State *L)
{
	lua_Integer count = 0;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	lua_newtable(L);
	lua_pushnil(L);
	while (lua_next(L, 1)) {
		lua_pop(L, 1);
		check_key(L, 3);
		lua_pushvalue(L, 3);
		lua_rawseti(L, 2, ++count);
	}
	for (lua_Integer i = count / 2; i >= 1; i--) {
		sift(L, i, count);
	}
	for (lua_Integer i = count; i > 1; i--) {
		swap(L, 1, i);
		sift(L, 1, i - 1);
	}
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, pairs_step, 3);
	return 1;
}

/* tostring without addresses: a table is "table". */
static int
plain_tostring(lua_State *L)
{
	luaL_checkany(L, 1);
	switch (lua_type(L, 1)) {
	case LUA_TNIL:
	case LUA_TBOOLEAN:
	case LUA_TNUMBER:
	case LUA_TSTRING:
		luaL_tolstring(L, 1, NULL);
		return 1;
	default:
		if (luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL) {
			luaL_tolstring(L, 1, NULL);
		} else {
			lua_pushstring(L, luaL_typename(L, 1));
		}
		return 1;
	}
}

static bool
has_pointer_format(const char *format)
{
	for (const char *at = strchr(format, '%'); at; at = strchr(at, '%')) {
		at += 1 + strspn(at + 1, "-+ #0123456789.");
		if (*at == 'p') {
			return true;
		}
		at += *at != '\0';
	}
	return false;
}

/* string.format: upvalue 1 is Lua's own. */
static int
plain_format(lua_State *L)
{
	int count = lua_gettop(L);

	if (has_pointer_format(luaL_checkstring(L, 1))) {
		complaint_raise(L, "string.format: %%p would show an address");
	}
	for (int i = 2; i <= count; i++) {
		if (lua_type(L, i) >= LUA_TTABLE) {
			lua_pushcfunction(L, plain_tostring);
			lua_pushvalue(L, i);
			lua_call(L, 1, 1);
			lua_replace(L, i);
		}
	}
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, count, 1);
	return 1;
}

static void
remove_names(lua_State *L, const char *table, const char *const *names)
{
	lua_getglobal(L, table);
	for (; *names; names++) {
		lua_pushnil(L);
		lua_setfield(L, -2, *names);
	}
	lua_pop(L, 1);
}

static void
harden_strings(lua_State *L)
{
	lua_getglobal(L, "string");
	lua_getfield(L, -1, "format");
	lua_pushcclosure(L, plain_format, 1);
	lua_setfield(L, -2, "format");
	/* What ("").x finds must not be reachable as a table, or recipes could change each
	 * other's. */
	lua_pushliteral(L, "");
	lua_getmetatable(L, -1);
	lua_pushliteral(L, "string");
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 3);
}

void
library_open(lua_State *L)
{
	static const luaL_Reg libraries[] = {
		{LUA_GNAME, luaopen_base},
		{LUA_STRLIBNAME, luaopen_string},
		{LUA_TABLIBNAME, luaopen_table},
		{LUA_MATHLIBNAME, luaopen_math},
		{LUA_UTF8LIBNAME, luaopen_utf8},
	};
	static const char *const base[] = {
		"collectgarbage", "dofile", "load", "loadfile", "print", "warn", NULL};

	for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++) {
		luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
		lua_pop(L, 1);
	}
	remove_names(L, LUA_GNAME, base);
	remove_names(L, LUA_STRLIBNAME, (const char *const[]){"dump", NULL});
	/* sort: its pivot comes from the clock. The prelude has a stable one. */
	remove_names(L, LUA_TABLIBNAME, (const char *const[]){"sort", NULL});
	remove_names(L, LUA_MATHLIBNAME, (const char *const[]){"random", "randomseed", NULL});
	lua_register(L, "pairs", sorted_pairs);
	lua_register(L, "next", sorted_next);
	lua_register(L, "tostring", plain_tostring);
	harden_strings(L);
}
