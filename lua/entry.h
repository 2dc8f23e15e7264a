/* SPDX-License-Identifier: MIT */
/* The prelude's functions as recipes call them. */
#ifndef BRUN_ENTRY_H
#define BRUN_ENTRY_H

struct lua_Debug;
struct lua_State;

/* Lua: entry(name, function) -> function, one that is found on the stack by that name. */
int entry_make(struct lua_State *L);

/* The name that the recipe knows the function of this stack level by, or NULL where it is not one
 * that entry_make made. Borrowed from Lua. */
const char *entry_name(struct lua_State *L, struct lua_Debug *at);

#endif
