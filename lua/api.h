/* SPDX-License-Identifier: MIT */
/* What the prelude is built on: the functions of the table `native`. */
#ifndef BRUN_API_H
#define BRUN_API_H

struct lua_Debug;
struct lua_State;

/* The name that the recipe knows the function of this stack level by, or NULL where it is not one
 * that native.entry made. Borrowed from Lua. */
const char *api_call_name(struct lua_State *L, struct lua_Debug *at);

#endif
