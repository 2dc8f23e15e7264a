/* SPDX-License-Identifier: MIT */
/* What the prelude is built on: the functions of the table `native`. */
#include "complaint.h"
#include "entry.h"
#include "inside.h"
#include "locate.h"
#include "value.h"

#include "base/mem.h"

#include <jansson.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

/* An action's output in a recipe's hands: its index among inside->actions. */
static const char artifact_type[] = "brun.artifact";

static void
push_artifact(lua_State *L, size_t index)
{
	size_t *artifact = lua_newuserdatauv(L, sizeof(*artifact), 0);

	*artifact = index;
	luaL_setmetatable(L, artifact_type);
}

static size_t
check_artifact(lua_State *L, int index)
{
	return *(size_t *)luaL_checkudata(L, index, artifact_type);
}

static int
artifact_text(lua_State *L)
{
	size_t index = check_artifact(L, 1);

	lua_pushfstring(L, "%s artifact", actions_kind(&inside_of(L)->actions, index));
	return 1;
}

static int
artifact_equal(lua_State *L)
{
	lua_pushboolean(L, check_artifact(L, 1) == check_artifact(L, 2));
	return 1;
}

static int
artifact_field(lua_State *L)
{
	return complaint_raise(L,
		"an artifact has no field '%s': what it holds is known once it is built",
		luaL_tolstring(L, 2, NULL));
}

static const luaL_Reg artifact_methods[] = {
	{"__tostring", artifact_text},
	{"__eq", artifact_equal},
	{"__index", artifact_field},
	{"__newindex", artifact_field},
	{NULL, NULL},
};

/* complain(path, text[, name, known]): path is a list or nil, known a table with names as keys. */
static int
complain(lua_State *L)
{
	lua_settop(L, 4);
	complaint_about(L, lua_istable(L, 1) ? 1 : 0, luaL_checkstring(L, 2), lua_tostring(L, 3),
		lua_istable(L, 4) ? 4 : 0);
}

/* unknown(text, word, known): about a word in the line that runs. */
static int
unknown(lua_State *L)
{
	lua_settop(L, 3);
	complaint_word(
		L, luaL_checkstring(L, 1), luaL_checkstring(L, 2), lua_istable(L, 3) ? 3 : 0);
}

/* Raises unless there is a list of {role, artifact} pairs at index, or nothing. Before any JSON is
 * held, for that would be lost; and whatever the prelude let through, for inputs index memory. */
static lua_Integer
check_inputs(lua_State *L, int index)
{
	lua_Integer count = lua_istable(L, index) ? (lua_Integer)lua_rawlen(L, index) : 0;

	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(L, index, i);
		lua_rawgeti(L, -1, 1);
		lua_rawgeti(L, -2, 2);
		luaL_checkstring(L, -2);
		check_artifact(L, -1);
		lua_pop(L, 3);
	}
	return count;
}

/* The checked list as the plan's "inputs". */
static json_t *
read_inputs(lua_State *L, int index, lua_Integer count)
{
	json_t *inputs = json_array();

	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(L, index, i);
		lua_rawgeti(L, -1, 1);
		lua_rawgeti(L, -2, 2);
		json_array_append_new(inputs, json_pack("[s, I]", lua_tostring(L, -2),
						      (json_int_t)check_artifact(L, -1)));
		lua_pop(L, 3);
	}
	return inputs;
}

/* add(kind, name, body, inputs) -> artifact; empty fields are the prelude's to leave out. */
static int
add_action(lua_State *L)
{
	struct inside *inside = inside_of(L);
	const char *kind = luaL_checkstring(L, 1), *name = luaL_checkstring(L, 2);
	struct frame frame = complaint_frame(L, 0);
	char where[256] = "";

	if (frame.source) {
		snprintf(where, sizeof(where), "%s:%zu", frame.source->where, frame.line);
	}
	lua_Integer input_count = check_inputs(L, 4);
	json_t *action = value_to_json(L, 3);
	json_object_set_new(action, "kind", json_string(kind));
	if (input_count > 0) {
		json_object_set_new(action, "inputs", read_inputs(L, 4, input_count));
	}
	size_t index = actions_add(&inside->actions, action, name, where);
	if (inside->actions.bytes > inside->limits.output_bytes) {
		complaint_limit(L, "the plan is larger than %ju bytes",
			(uintmax_t)inside->limits.output_bytes);
	}
	push_artifact(L, index);
	return 1;
}

/* kind(value) -> "fetch", "run", … or nil where it is no artifact */
static int
kind_of(lua_State *L)
{
	const size_t *artifact = luaL_testudata(L, 1, artifact_type);

	lua_pushstring(L, artifact ? actions_kind(&inside_of(L)->actions, *artifact) : NULL);
	return 1;
}

static int
index_of(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)check_artifact(L, 1));
	return 1;
}

/* The text at the JSON value, as the function at index 2 makes it. */
static json_t *
mapped(lua_State *L, const json_t *text)
{
	lua_pushvalue(L, 2);
	lua_pushstring(L, json_string_value(text));
	lua_call(L, 1, 1);
	json_t *value = json_string(luaL_checkstring(L, -1));
	lua_pop(L, 1);
	return value;
}

/* Maps name and addresses of a fetch; of what was unpacked or merged from fetches, theirs. */
static void
map_action(lua_State *L, const struct actions *actions, size_t index)
{
	const char *kind = actions_kind(actions, index);
	json_t *action = actions_get(actions, index);
	json_t *urls = json_object_get(action, "urls");
	bool is_merge = strcmp(kind, "merge") == 0;

	if (!is_merge && strcmp(kind, "unpack") != 0 && strcmp(kind, "fetch") != 0) {
		return;
	}
	for (size_t i = 0; i < json_array_size(urls); i++) {
		json_array_set_new(urls, i, mapped(L, json_array_get(urls, i)));
	}
	if (!is_merge) {
		json_object_set_new(action, "name", mapped(L, json_object_get(action, "name")));
	}
	luaL_checkstack(L, 4, NULL);
	for (size_t i = 0; i < actions_input_count(actions, index); i++) {
		map_action(L, actions, actions_input(actions, index, i));
	}
}

/* addresses(artifact, function): names and addresses of the files that a source is made of become
 * what the function makes of them. They are in no key. */
static int
map_addresses(lua_State *L)
{
	map_action(L, &inside_of(L)->actions, check_artifact(L, 1));
	return 0;
}

/* name(artifact) -> what people know it as */
static int
name_of(lua_State *L)
{
	size_t index = check_artifact(L, 1);

	lua_pushstring(L, json_string_value(json_object_get(
				  actions_get(&inside_of(L)->actions, index), "name")));
	return 1;
}

/* import(name, path, why) -> what the recipe returned; why ends the complaint that there is none */
static int
import(lua_State *L)
{
	lua_settop(L, 3);
	recipe_push(L, luaL_checkstring(L, 1), lua_istable(L, 2) ? 2 : 0, luaL_optstring(L, 3, ""));
	return 1;
}

static const struct source *
current_source(lua_State *L)
{
	struct frame frame = complaint_frame(L, 0);

	if (!frame.source) {
		luaL_error(L, "no recipe is being evaluated");
	}
	return frame.source;
}

/* depth([to]) -> how many recipes are being evaluated; shortens the chain after a caught error */
static int
depth(lua_State *L)
{
	if (lua_isinteger(L, 1)) {
		recipe_unwind(L, lua_tointeger(L, 1));
	}
	lua_pushinteger(L, recipe_depth(L));
	return 1;
}

/* here() -> "recipe" | "library", the directory of the recipe's own files from there */
static int
here(lua_State *L)
{
	const struct source *source = current_source(L);

	lua_pushstring(L, source->is_library ? "library" : "recipe");
	lua_pushstring(L, source->dir);
	return 2;
}

/* beside(path) -> is there such a file among the recipe's own? */
static int
beside(lua_State *L)
{
	const struct source *source = current_source(L);
	cleanup_free char *path =
		mem_printf("%s/%s/%s", source->root, source->dir, luaL_checkstring(L, 1));

	lua_pushboolean(L, locate_exists(inside_of(L), path));
	return 1;
}

/* Reads DIRECTORY/FILE as JSON and pushes it; false where it is not there. */
static bool
push_json_file(lua_State *L, const char *directory, const char *file)
{
	char path[4096];
	char *text = NULL;
	size_t length = 0;
	struct err err = {0};
	json_error_t where;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	int found = locate_read(inside_of(L), path, &text, &length, &err);
	if (found < 0) {
		complaint_raise(L, "%s", err.text);
	}
	if (found == 0) {
		return false;
	}
	json_t *value = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
	free(text);
	if (!value) {
		char *shown = locate_shown(path);
		lua_pushfstring(L, "%s:%d:%d: %s", shown, where.line, where.column, where.text);
		free(shown);
		complaint_raise(L, "%s", lua_tostring(L, -1));
	}
	value_push(L, value);
	json_decref(value);
	return true;
}

/* json(file) -> the contents of a JSON file that lies beside the recipe, in its root or in the
 * library; nil where none does. */
static int
read_json(lua_State *L)
{
	const struct source *source = current_source(L);
	const char *file = luaL_checkstring(L, 1);
	char own[4096];

	bool has_folder = strcmp(source->dir, ".") != 0;
	snprintf(own, sizeof(own), "%s/%s", source->root, source->dir);
	const char *const places[] = {own, source->root, inside_of(L)->library};
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		bool is_own = i > 0 || has_folder;
		if (places[i] && is_own && push_json_file(L, places[i], file)) {
			return 1;
		}
	}
	lua_pushnil(L);
	return 1;
}

static const luaL_Reg native[] = {
	{"add", add_action},
	{"addresses", map_addresses},
	{"beside", beside},
	{"complain", complain},
	{"depth", depth},
	{"entry", entry_make},
	{"here", here},
	{"import", import},
	{"index", index_of},
	{"json", read_json},
	{"kind", kind_of},
	{"name", name_of},
	{"unknown", unknown},
	{NULL, NULL},
};

void
api_push(lua_State *L)
{
	luaL_newmetatable(L, artifact_type);
	luaL_setfuncs(L, artifact_methods, 0);
	lua_pushliteral(L, "artifact");
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
	luaL_newlib(L, native);
}
