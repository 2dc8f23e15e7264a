/* SPDX-License-Identifier: MIT */
/* Lua values as JSON and back. */
#ifndef BRUN_VALUE_H
#define BRUN_VALUE_H

struct json_t;
struct lua_State;

/* The value at index as JSON; a table with [1] is an array, any other one an object. The prelude
 * has checked types; text that JSON can't hold (NUL bytes, no UTF-8) is complained about here. */
struct json_t *value_to_json(struct lua_State *L, int index);

/* Pushes a JSON value; null is nil. */
void value_push(struct lua_State *L, const struct json_t *value);

#endif
