/* SPDX-License-Identifier: MIT */
#include "entry.h"

#include <lauxlib.h>
#include <lua.h>

/* Upvalues are the name and the prelude's function. Being a C function it stays on the stack of a
 * tail call, so that the recipe's line stays known. */
static int
call_entry(lua_State *L)
{
	lua_pushvalue(L, lua_upvalueindex(2));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
	return lua_gettop(L);
}

int
entry_make(lua_State *L)
{
	luaL_checkstring(L, 1);
	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_settop(L, 2);
	lua_pushcclosure(L, call_entry, 2);
	return 1;
}

const char *
entry_name(lua_State *L, lua_Debug *at)
{
	const char *name = NULL;

	if (!lua_checkstack(L, 3)) {
		return NULL;
	}
	lua_getinfo(L, "f", at);
	if (lua_tocfunction(L, -1) == call_entry && lua_getupvalue(L, -1, 1)) {
		name = lua_tostring(L, -1);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return name;
}
