/* SPDX-License-Identifier: MIT */
#include "value.h"

#include "complaint.h"
#include "inside.h"

#include <jansson.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <string.h>

enum { DEEPEST = 16 };

/* What stops a conversion; no Lua error is raised while JSON is held, so that none is lost. */
struct conversion {
	const char *problem;
	bool is_limit;
	uint64_t left; /* bytes of text that may still be taken */
};

static json_t *convert(lua_State *L, int index, int depth, struct conversion *conversion);

static json_t *
convert_text(lua_State *L, int index, struct conversion *conversion)
{
	size_t length = 0;
	const char *text = lua_tolstring(L, index, &length);

	if (length > conversion->left) {
		conversion->problem = "the plan gets too large";
		conversion->is_limit = true;
		return NULL;
	}
	conversion->left -= length;
	if (memchr(text, '\0', length)) {
		conversion->problem = "the text holds a NUL byte";
		return NULL;
	}
	json_t *value = json_stringn(text, length);
	if (!value) {
		conversion->problem = "the text is not UTF-8";
	}
	return value;
}

static json_t *
convert_list(lua_State *L, int index, int depth, struct conversion *conversion)
{
	json_t *list = json_array();
	lua_Integer count = (lua_Integer)lua_rawlen(L, index);

	for (lua_Integer i = 1; i <= count && !conversion->problem; i++) {
		lua_rawgeti(L, index, i);
		json_array_append_new(list, convert(L, lua_gettop(L), depth, conversion));
		lua_pop(L, 1);
	}
	return list;
}

static json_t *
convert_object(lua_State *L, int index, int depth, struct conversion *conversion)
{
	json_t *object = json_object();

	lua_pushnil(L);
	while (!conversion->problem && lua_next(L, index)) {
		int value = lua_gettop(L), key = value - 1;
		if (lua_type(L, key) != LUA_TSTRING) {
			conversion->problem = "keys must be strings";
			break;
		}
		json_t *name = convert_text(L, key, conversion);
		json_object_set_new(object, lua_tostring(L, key),
			name ? convert(L, value, depth, conversion) : NULL);
		json_decref(name);
		lua_pop(L, 1);
	}
	return object;
}

static json_t *
convert(lua_State *L, int index, int depth, struct conversion *conversion)
{
	if (depth > DEEPEST || !lua_checkstack(L, 4)) {
		conversion->problem = "the table is nested too deeply";
		return NULL;
	}
	switch (lua_type(L, index)) {
	case LUA_TSTRING:
		return convert_text(L, index, conversion);
	case LUA_TBOOLEAN:
		return json_boolean(lua_toboolean(L, index));
	case LUA_TNUMBER:
		return json_integer(lua_tointeger(L, index));
	case LUA_TTABLE:
		break;
	default:
		conversion->problem = "a function cannot be part of a plan";
		return NULL;
	}
	bool is_list = lua_rawgeti(L, index, 1) != LUA_TNIL;
	lua_pop(L, 1);
	return is_list ? convert_list(L, index, depth + 1, conversion)
		       : convert_object(L, index, depth + 1, conversion);
}

json_t *
value_to_json(lua_State *L, int index)
{
	struct conversion conversion = {.left = inside_of(L)->limits.output_bytes};
	int top = lua_gettop(L);
	json_t *value = convert(L, lua_absindex(L, index), 0, &conversion);

	lua_settop(L, top);
	if (conversion.problem) {
		json_decref(value);
		if (conversion.is_limit) {
			complaint_limit(L, "%s", conversion.problem);
		}
		complaint_raise(L, "%s", conversion.problem);
	}
	return value;
}

static void
push_object(lua_State *L, const json_t *object)
{
	const char *key;
	json_t *value;

	lua_newtable(L);
	json_object_foreach((json_t *)object, key, value)
	{
		value_push(L, value);
		lua_setfield(L, -2, key);
	}
}

void
value_push(lua_State *L, const json_t *value)
{
	luaL_checkstack(L, 4, NULL);
	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_OBJECT:
		push_object(L, value);
		return;
	case JSON_ARRAY:
		lua_newtable(L);
		for (size_t i = 0; i < json_array_size(value); i++) {
			value_push(L, json_array_get(value, i));
			lua_rawseti(L, -2, (lua_Integer)i + 1);
		}
		return;
	case JSON_STRING:
		lua_pushlstring(L, json_string_value(value), json_string_length(value));
		return;
	case JSON_INTEGER:
		lua_pushinteger(L, json_integer_value(value));
		return;
	case JSON_REAL:
		lua_pushnumber(L, json_real_value(value));
		return;
	case JSON_TRUE:
	case JSON_FALSE:
		lua_pushboolean(L, json_is_true(value));
		return;
	case JSON_NULL:
		lua_pushnil(L);
		return;
	}
}
