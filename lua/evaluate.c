/* SPDX-License-Identifier: MIT */
/* The evaluation itself: the one protected call, its limits, and the plan that comes of it. */
#include "complaint.h"
#include "inside.h"
#include "prelude.h"
#include "value.h"

#include <jansson.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How many instructions of Lua's machine lie between two looks at the clock. */
enum { HOOK_INSTRUCTIONS = 100000 };

/* Lua's heap, with a limit. Shrinking must not fail (lua_Alloc), so it is not counted first. */
static void *
allocate(void *context, void *old, size_t old_size, size_t size)
{
	struct inside *inside = context;
	size_t held = old ? old_size : 0;

	if (size > held && size - held > inside->limits.memory_bytes - inside->heap) {
		return NULL;
	}
	void *new = NULL;
	if (size == 0) {
		free(old);
	} else if (!(new = realloc(old, size))) {
		return NULL;
	}
	inside->heap = inside->heap - held + size;
	return new;
}

static uint64_t
processor_ms(void)
{
	struct timespec used;

	return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) < 0
		       ? 0
		       : (uint64_t)used.tv_sec * 1000 + (uint64_t)used.tv_nsec / 1000000;
}

static void
look_at_clock(lua_State *L, lua_Debug *at)
{
	const struct inside *inside = inside_of(L);

	(void)at;
	if (processor_ms() - inside->start_ms >= inside->limits.cpu_seconds * 1000) {
		complaint_limit(L, "the recipe's evaluation took more than %ju s of processor time",
			(uintmax_t)inside->limits.cpu_seconds);
	}
}

static void
open_prelude(lua_State *L)
{
	library_open(L);
	api_push(L);
	for (const struct prelude *part = preludes; part->name; part++) {
		lua_pushfstring(L, "=prelude/%s", part->name);
		if (luaL_loadbufferx(L, part->text, part->length, lua_tostring(L, -1), "t") !=
			LUA_OK) {
			lua_error(L);
		}
		lua_pushvalue(L, 1);
		lua_call(L, 1, 0);
		lua_pop(L, 1);
	}
	lua_getfield(L, 1, "environment");
	lua_setfield(L, LUA_REGISTRYINDEX, "brun.environment");
}

/* Complains about an address that no package filled in, in the line that asked for it. */
static void
refuse_unfilled(lua_State *L, const json_t *action)
{
	const char *where = json_string_value(json_object_get(action, "where"));
	const char *colon = strrchr(where, ':');

	lua_pushlstring(L, where, colon ? (size_t)(colon - where) : 0);
	const struct source *source = source_get(&inside_of(L)->sources, lua_tostring(L, -1));
	const char *text = lua_pushfstring(L,
		"%s: an address has a ${…}, but no package has this file as its source: "
		"write out what it means",
		where);
	complaint_syntax(L, source ? source : inside_of(L)->main, text);
}

/* {outputs = {name = action index}, about = {name = text}} as the plan's. */
static void
finish(lua_State *L, struct buf *ret_plan)
{
	lua_getfield(L, -1, "about");
	json_t *about = value_to_json(L, -1);
	lua_getfield(L, -2, "outputs");
	json_t *outputs = value_to_json(L, -1); /* names and numbers: nothing to complain about */
	const json_t *unfilled = actions_unfilled(&inside_of(L)->actions, outputs);
	if (unfilled) {
		json_decref(about);
		json_decref(outputs);
		refuse_unfilled(L, unfilled);
	}
	actions_plan(&inside_of(L)->actions, outputs, about, ret_plan);
}

/* All of it, under one protected call. Argument: the buffer for the plan. */
static int
evaluate(lua_State *L)
{
	struct buf *ret_plan = lua_touserdata(L, 1);

	lua_settop(L, 0);
	open_prelude(L);
	lua_sethook(L, look_at_clock, LUA_MASKCOUNT, HOOK_INSTRUCTIONS);
	lua_getfield(L, 1, "result");
	recipe_push(L, NULL, 0, "");
	lua_call(L, 1, 1);
	finish(L, ret_plan);
	return 0;
}

static int
fail(const struct inside *inside, lua_State *L, int status, struct err *err)
{
	const char *display = inside->main->display;

	if (status == LUA_ERRMEM) {
		err_fail(err, STATUS_LIMIT,
			"%s: the recipe's evaluation needs more than %ju MiB of memory", display,
			(uintmax_t)inside->limits.memory_bytes >> 20);
		return err_hint(err, "%s", INSIDE_LIMIT_ADVICE);
	}
	if (status == LUA_ERRERR) {
		return err_fail(
			err, STATUS_LIMIT, "%s: the recipe calls itself too deeply", display);
	}
	enum status kind = inside->complaint.status;
	const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : display;
	return err_fail(err, kind ? kind : STATUS_RECIPE, "%s", text);
}

int
inside_evaluate(struct inside *inside, struct buf *ret_plan, struct err *err)
{
	lua_State *L = lua_newstate(allocate, inside);

	if (!L) {
		return fail(inside, NULL, LUA_ERRMEM, err);
	}
	*(struct inside **)lua_getextraspace(L) = inside;
	inside->start_ms = processor_ms();
	lua_pushcfunction(L, complaint_handler);
	lua_pushcfunction(L, evaluate);
	lua_pushlightuserdata(L, ret_plan);
	int status = lua_pcall(L, 1, 0, 1);
	int result = status == LUA_OK ? 0 : fail(inside, L, status, err);
	lua_close(L);
	return result;
}
